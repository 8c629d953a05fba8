// The ways into a Collector: each logger, by each protocol, with each compression that the protocol has.

import type { Collector } from '@otlp-logs/test-support'

const LOGGERS = ['pino', 'winston'] as const
type Logger = (typeof LOGGERS)[number]

export type Protocol = 'http/protobuf' | 'http/json'
type Compression = 'none' | 'gzip' | 'zstd'

const COMPRESSIONS: Record<Protocol, Compression[]> = {
  'http/protobuf': ['none', 'gzip', 'zstd'],
  'http/json': ['none', 'gzip', 'zstd'],
}
export const PROTOCOLS: readonly Protocol[] = Object.keys(COMPRESSIONS) as Protocol[]

/** For `describe.each`. */
export const WAYS: readonly (readonly [Logger, Protocol, Compression])[] = LOGGERS.flatMap((logger) =>
  PROTOCOLS.flatMap((protocol) =>
    COMPRESSIONS[protocol].map((compression) => [logger, protocol, compression] as const),
  ),
)

/** Options of a transport that sends to this Collector. */
export function target(collector: Collector, protocol: Protocol): { protocol: Protocol; endpoint: string } {
  return { protocol, endpoint: collector.endpoint }
}
