// Who takes part: our four modes, and the transports that people use today, each as its own documentation sets it up.

export interface Contender {
  name: string
  /** Whose version to show. */
  packages: readonly string[]
  logger: 'pino' | 'winston'
  /** The module in set-up/ that makes the logger. */
  setUp: string
  speaks: 'otlp' | 'loki'
  isOurs?: true
  /** Only the plain case: there is nothing to compare where nothing arrives. */
  plainOnly?: true
  /** What it was given against SIGTERM, where that was asked for. */
  prepared: string
}

const EXIT = '`process.on("SIGTERM", () => process.exit(0))`'
const ON_SIGNALS = '`closeOnSignals: true`'

export const CONTENDERS: readonly Contender[] = [
  {
    name: "pino, target 'pino-otlp'",
    packages: ['pino-otlp'],
    logger: 'pino',
    setUp: 'pino-target',
    speaks: 'otlp',
    isOurs: true,
    prepared: EXIT,
  },
  {
    name: 'pino, otlpTransport',
    packages: ['pino-otlp'],
    logger: 'pino',
    setUp: 'otlp-transport',
    speaks: 'otlp',
    isOurs: true,
    prepared: ON_SIGNALS,
  },
  {
    name: 'pino, otlpStream',
    packages: ['pino-otlp'],
    logger: 'pino',
    setUp: 'otlp-stream',
    speaks: 'otlp',
    isOurs: true,
    prepared: ON_SIGNALS,
  },
  {
    name: 'winston, OtlpTransport',
    packages: ['winston-otlp'],
    logger: 'winston',
    setUp: 'winston-otlp',
    speaks: 'otlp',
    isOurs: true,
    prepared: ON_SIGNALS,
  },
  {
    name: 'pino-opentelemetry-transport',
    packages: ['pino-opentelemetry-transport'],
    logger: 'pino',
    setUp: 'pino-opentelemetry-transport',
    speaks: 'otlp',
    prepared: EXIT,
  },
  {
    name: 'pino-loki',
    packages: ['pino-loki'],
    logger: 'pino',
    setUp: 'pino-loki',
    speaks: 'loki',
    prepared: EXIT,
  },
  {
    name: '@opentelemetry/winston-transport',
    packages: ['@opentelemetry/winston-transport', '@opentelemetry/sdk-logs'],
    logger: 'winston',
    setUp: 'opentelemetry-winston',
    speaks: 'otlp',
    prepared: '`process.on("SIGTERM", ...)` that calls `provider.shutdown()`, then `process.exit(0)`',
  },
  {
    name: '@opentelemetry/winston-transport, SDK 3',
    packages: ['@opentelemetry/winston-transport'],
    logger: 'winston',
    setUp: 'opentelemetry-winston-sdk-3',
    speaks: 'otlp',
    plainOnly: true,
    prepared: '',
  },
  {
    name: 'winston-loki',
    packages: ['winston-loki'],
    logger: 'winston',
    setUp: 'winston-loki',
    speaks: 'loki',
    prepared: 'nothing: `gracefulShutdown` is its default',
  },
]
