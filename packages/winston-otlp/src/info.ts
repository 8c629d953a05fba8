// winston's log entries, and the keys under which winston and others keep what is not for the output.

import { types } from 'node:util'

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
  push?(info: unknown, ...rest: unknown[]): boolean
  pipe?(transport: unknown): unknown
  _transform?(info: Info, ...rest: unknown[]): void
}

/** Whether a value can be an entry at all. */
export function isInfo(value: unknown): value is Info {
  return typeof value === 'object' && value !== null
}

/** Whether a value holds fields, and is no value in its own right, as a Date, a list or an Error is. */
export function isMeta(value: unknown): value is Info {
  if (!isInfo(value) || ArrayBuffer.isView(value) || types.isNativeError(value)) return false
  try {
    if (Array.isArray(value)) return false
    const prototype = Object.getPrototypeOf(value) as unknown
    return prototype === null || prototype === Object.prototype || Object.keys(value).length > 0
  } catch {
    // A Proxy that refuses to be looked at.
    return false
  }
}

/** As util.types has it, but asked of objects only: nearly all values are none, and to ask takes 0.03 us. */
export function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && types.isNativeError(value)
}

/** A field, or what its getter threw. */
export function fieldOf(info: Info, key: string): unknown {
  try {
    return info[key]
  } catch (error) {
    return `[Throws: ${textOfThrown(error)}]`
  }
}

/** What was thrown may be anything. */
export function textOfThrown(error: unknown): string {
  return types.isNativeError(error) ? error.message : typeof error
}
