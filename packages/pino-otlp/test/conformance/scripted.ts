// What tests of delivery share: real pino, its lines going through the built package in either mode, to a receiver of the
// test's own that answers by a script. All that was opened is closed after each test.

import { join } from 'node:path'
import { type Receiver, type ReceiverOptions, runApp, startReceiver } from '@otlp-logs/test-support'
import pino, { type Logger } from 'pino'
import { type OtlpOptions, otlpStream, otlpTransport } from 'pino-otlp'
import type { Mode } from './ship.ts'

type Transport = ReturnType<typeof otlpTransport> | ReturnType<typeof otlpStream>
export interface Source {
  logger: Logger
  transport: Transport
}

/** The package under test: where bare imports of an app in a process of its own resolve from. */
export const PACKAGE_FOLDER: string = join(__dirname, '../..')
const MAKE = { otlpTransport, otlpStream }

let open: (() => Promise<unknown>)[] = []

afterEach(async () => {
  const closing = open.toReversed()
  open = []
  for (const close of closing) await close()
})

export async function receive(options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver(options)
  open.push(() => receiver.close())
  return receiver
}

/** A logger whose lines go to the receiver, or where options and environment say; quiet, and quick to close. */
export function logTo(receiver: Receiver | undefined, mode: Mode, options: OtlpOptions = {}): Source {
  const endpoint = receiver === undefined ? {} : { endpoint: receiver.endpoint }
  const transport = MAKE[mode]({ diagnostics: 'none', closeTimeoutMillis: 1000, ...endpoint, ...options })
  open.push(() => transport.close())
  return { logger: pino({ base: null }, transport), transport }
}

/** Lines with `i` from 0 up, or from `first` up. */
export function logMany(logger: Logger, count: number, first = 0): void {
  for (let i = first; i < first + count; i++) logger.info({ i }, 'line')
}

/** The integers from `from` up to, but without, `to`. */
export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

/** The `i` of all records that arrived, in their order. */
export function numbersIn({ records }: Receiver): unknown[] {
  return records.map(({ attributes }) => attributes['i'])
}

/** How many lines each request brought; the record about losses is none. */
export function sizes({ requests, allRecords }: Receiver): number[] {
  const lines = allRecords.filter(({ eventName }) => eventName !== 'otlp_logs.dropped')
  return requests.map(({ index }) => lines.filter(({ requestIndex }) => requestIndex === index).length)
}

/** Runs an app with `transport`, `logger` and `print` at hand, in a process of its own; gives what it printed, and said. */
export async function runLogging(
  mode: Mode,
  options: OtlpOptions,
  source: string,
  env: Record<string, string> = {},
): Promise<{ code: number | null; printed: unknown; stderr: string }> {
  const app = `
    import pino from 'pino'
    import { ${mode} } from 'pino-otlp'
    const transport = ${mode}(${JSON.stringify(options)})
    const logger = pino({ base: null }, transport)
    const print = (value) => process.stdout.write(JSON.stringify(value))
    ${source}`
  const { code, stdout, stderr } = await runApp(app, { resolveFrom: PACKAGE_FOLDER, env, execArgv: ['--expose-gc'] })
  return { code, printed: stdout === '' ? undefined : JSON.parse(stdout), stderr }
}
