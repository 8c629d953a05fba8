// winston's log entries, and the keys under which winston and others keep what is not for the output.

/** A log entry on its way through formats and transports. */
export type Info = Record<string | symbol, unknown>

// triple-beam's registered symbols: winston writes the true level, the formatted text and the arguments under them.
export const LEVEL: unique symbol = Symbol.for('level')
export const MESSAGE: unique symbol = Symbol.for('message')
export const SPLAT: unique symbol = Symbol.for('splat')

/** The context that @opentelemetry/instrumentation-winston captured. */
export const INSTRUMENTATION_CONTEXT: unique symbol = Symbol.for('opentelemetry.js.contrib.winston.context')

/** What a logger tells of itself. */
export interface LoggerLike {
  level?: unknown
  levels?: unknown
  exitOnError?: unknown
  transports?: unknown
  write(info: Info, ...rest: unknown[]): boolean
  child?(meta: object): LoggerLike
}
