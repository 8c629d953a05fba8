// Who takes part: loggers without a way out, as floors; our transports; and those that people use today.

import type { Given } from './set-up/outlet.ts'

export interface Contender {
  name: string
  /** The module in set-up/ that makes the logger. */
  setUp: string
  given?: Partial<Given>
  /** Whose version to show. */
  packages: readonly string[]
  /** Sends nothing: for the floors and the ceiling. */
  isLocal?: true
  isOurs?: true
}

/** The queue of the OpenTelemetry SDK, raised so that it loses nothing where its work is compared. */
const RAISED = { maxQueueSize: 1_000_000 }

const contender = (name: string, setUp: string, more: Partial<Contender> = {}): Contender => {
  return { name, setUp, packages: [], ...more }
}

export const PINO_NO_OP: Contender = contender('pino, no-op stream', 'pino-no-op', { isLocal: true })
export const PINO_FILE: Contender = contender('pino/file', 'pino-file', { isLocal: true })
export const COUNTING: Contender = contender('counting stream', 'counting-stream', { isLocal: true })
export const PINO_TARGET: Contender = contender("target 'pino-otlp'", 'pino-target', { isOurs: true })
export const OTLP_TRANSPORT: Contender = contender('otlpTransport', 'otlp-transport', { isOurs: true })
export const OTLP_STREAM: Contender = contender('otlpStream', 'otlp-stream', { isOurs: true })
export const PINO_OPENTELEMETRY: Contender = contender('pino-opentelemetry-transport', 'pino-opentelemetry-transport', {
  packages: ['pino-opentelemetry-transport'],
})
export const PINO_LOKI: Contender = contender('pino-loki', 'pino-loki', { packages: ['pino-loki'] })

export const WINSTON_NO_OP: Contender = contender('winston, no-op transport', 'winston-no-op', { isLocal: true })
export const WINSTON_OTLP: Contender = contender('OtlpTransport', 'winston-otlp', { isOurs: true })
export const WINSTON_BRIDGE: Contender = contender('@opentelemetry/winston-transport', 'opentelemetry-winston', {
  packages: ['@opentelemetry/winston-transport', '@opentelemetry/sdk-logs'],
})
export const WINSTON_LOKI: Contender = contender('winston-loki', 'winston-loki', { packages: ['winston-loki'] })

export const withSpan = (of: Contender): Contender => ({
  ...of,
  name: `${of.name}, in a span`,
  given: { ...of.given, withSpan: true },
})

export const withRaisedQueue = (of: Contender): Contender => ({
  ...of,
  name: `${of.name}, queue raised`,
  given: { ...of.given, processor: RAISED },
})

export const withOptions = (of: Contender, name: string, options: object): Contender => ({
  ...of,
  name: `${of.name}, ${name}`,
  given: { ...of.given, options },
})

/** Whose versions the results show. */
export const PACKAGES: readonly string[] = [
  'pino',
  'winston',
  ...[PINO_OPENTELEMETRY, PINO_LOKI, WINSTON_BRIDGE, WINSTON_LOKI].flatMap(({ packages }) => packages),
]
