// The ways into a Collector: each logger, by each protocol, with each compression that the protocol has.

import { join } from 'node:path'
import { type Collector, runApp } from '@otlp-logs/test-support'

export type Logger = 'pino' | 'winston'
export const LOGGERS: readonly Logger[] = ['pino', 'winston']

export type Protocol = 'http/protobuf' | 'http/json' | 'grpc'
type Compression = 'none' | 'gzip' | 'zstd'

const COMPRESSIONS: Record<Protocol, Compression[]> = {
  'http/protobuf': ['none', 'gzip', 'zstd'],
  'http/json': ['none', 'gzip', 'zstd'],
  grpc: ['none', 'gzip'],
}
export const PROTOCOLS: readonly Protocol[] = Object.keys(COMPRESSIONS) as Protocol[]

/** For `describe.each`. */
export const WAYS: readonly (readonly [Logger, Protocol, Compression])[] = LOGGERS.flatMap((logger) =>
  PROTOCOLS.flatMap((protocol) =>
    COMPRESSIONS[protocol].map((compression) => [logger, protocol, compression] as const),
  ),
)

export interface Target {
  protocol: Protocol
  endpoint: string
}

/** Options of a transport that sends to this Collector. */
export function target(collector: Collector, protocol: Protocol, scheme: 'http' | 'https' = 'http'): Target {
  const port = protocol === 'grpc' ? collector.grpcPort : collector.httpPort
  return { protocol, endpoint: `${scheme}://127.0.0.1:${port}` }
}

const FOLDER = join(__dirname, '..')
// Off by default before Node 22.18, and then with a warning.
const STRIP_TYPES = ['--experimental-strip-types', '--no-warnings']

/** Logs all lines of lines.ts in an app of its own: pino with the worker target, or winston. It must have had nothing to say. */
export async function logLines(logger: Logger, options: Target & Record<string, unknown>): Promise<void> {
  const app = `import './src/${logger}-app.ts'`
  const args = [JSON.stringify(options)]
  const { code, stderr } = await runApp(app, { resolveFrom: FOLDER, args, execArgv: STRIP_TYPES })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
}
