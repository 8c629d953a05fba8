// What is only known at the moment of logging: the active span, the time, the error and the arguments before formats
// took them apart, and the logger. winston calls transports, and even formats, later and in another async context when
// any transport on the logger is slow; so `logger.write` is wrapped when the transport is added, and what is found there
// travels with the entry under a symbol. This is the only thing that is ever written to an entry.

import { types } from 'node:util'
import { activeSpan, type SpanIds } from 'otlp-logs-core'
import { type Info, type LoggerLike, SPLAT } from './info.ts'

export interface Stamp {
  span: SpanIds | undefined
  timeMillis: number
  /** The entry itself, its message or an argument, where that is an Error: formats turn it into text. */
  error: Error | undefined
  /** The arguments behind the message; splat() takes out those that it used. */
  splat: readonly unknown[] | undefined
  logger: LoggerLike | undefined
}

// Registered, as an app may load this module twice, as ESM and as CommonJS.
export const STAMP: unique symbol = Symbol.for('winston-otlp.stamp')
const WRAPPED: unique symbol = Symbol.for('winston-otlp.wrapped')

/** Sees to it that all entries of this logger, and of its children to come, are stamped. Does so once. */
export function stampWrites(logger: LoggerLike): void {
  const write = logger.write
  if ((write as { [WRAPPED]?: boolean })[WRAPPED]) return
  let fromChild = false
  const stamped = function (this: unknown, info: Info, ...rest: unknown[]): boolean {
    if (!fromChild) stamp(info, logger)
    return write.call(this as LoggerLike, info, ...rest)
  }
  logger.write = Object.assign(stamped, { [WRAPPED]: true })
  const makeChild = logger.child
  if (typeof makeChild !== 'function') return
  // A child copies the entry before it hands it on, and an Error loses its class on the way.
  logger.child = function (this: LoggerLike, meta: object): LoggerLike {
    const child = makeChild.call(this, meta)
    const writeOfChild = child.write
    const value = (info: Info): boolean => {
      const outermost = !fromChild
      if (outermost) stamp(info, logger)
      fromChild = true
      try {
        return writeOfChild.call(child, info)
      } finally {
        if (outermost) fromChild = false
      }
    }
    // The child's own `write` can be neither written nor defined again.
    return Object.create(child, { write: { value, configurable: true, writable: true } }) as LoggerLike
  }
}

/** The stamp of an entry, made now if it has none (exception handlers call transports directly). */
export function stampOf(info: Info): Stamp {
  const found = info[STAMP] as Stamp | undefined
  return found ?? makeStamp(info, undefined)
}

function stamp(info: Info, logger: LoggerLike): void {
  if (typeof info !== 'object' || info === null) return
  try {
    info[STAMP] = makeStamp(info, logger)
  } catch {
    // A frozen entry goes without.
  }
}

function makeStamp(info: Info, logger: LoggerLike | undefined): Stamp {
  const splat = info[SPLAT]
  const args = Array.isArray(splat) ? [...(splat as unknown[])] : undefined
  const candidates = [info, info['message'], ...(args ?? [])]
  const error = candidates.find((value): value is Error => types.isNativeError(value))
  return { span: activeSpan(), timeMillis: Date.now(), error, splat: args, logger }
}
