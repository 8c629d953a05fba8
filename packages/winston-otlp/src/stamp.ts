// What is only known at the moment of logging: the active span, the time, and the entry before formats took it apart.
// winston calls transports, and even formats, later and in another async context when any transport on the logger is
// slow; so `logger.write` is wrapped when the transport is added, and what is found there travels with the entry under a
// symbol. This is the only thing that is ever written to an entry. It is not enumerable, as formats print what they find;
// for the same reason copies do not have it, and so `_transform` and `push` are wrapped, too: what the logger's format
// returns is stamped like the entry that it was given.

import { activeSpan, isHandingOver, type SpanIds } from 'otlp-logs-core'
import { type Info, isError, isInfo, isMeta, type LoggerLike, SPLAT } from './info.ts'

export interface Stamp {
  span: SpanIds | undefined
  timeMillis: number
  /** The message, where it is a text or an Error's. */
  text: string | undefined
  timestamp: unknown
  error: LoggedError | undefined
  /** The arguments behind the message; splat() takes out those that it used. */
  splat: readonly unknown[] | undefined
  /** Whether winston has put the first argument's fields into the entry. */
  merged: boolean
  /** Whether winston made the entry for an uncaught exception or rejection. */
  isCrash: boolean
  /** Whether an OpenTelemetry SDK logged it while it was given a record. */
  isEcho: boolean
  logger: LoggerLike | undefined
}

/** An Error that was logged as such, not in a field. */
export interface LoggedError {
  error: Error
  /** Its message then: formats may change that of the Error itself. */
  message: string
  place: 'entry' | 'message' | 'argument' | 'crash'
}

// Registered, as an app may load this module twice, as ESM and as CommonJS.
export const STAMP: unique symbol = Symbol.for('winston-otlp.stamp')
const WRAPPED: unique symbol = Symbol.for('winston-otlp.wrapped')

/** Taken by a child logger, for the entry that it is about to hand to its parent. */
let handed: Stamp | undefined
/** That of the entry which is being formatted. */
let current: Stamp | undefined

/** Sees to it that all entries of this logger, and of its children to come, are stamped. Does so once. */
export function stampWrites(logger: LoggerLike & { [WRAPPED]?: true }): void {
  if (logger[WRAPPED]) return
  Object.defineProperty(logger, WRAPPED, { value: true })
  const { write, child, push, _transform: transform } = logger
  logger.write = function (this: LoggerLike, info, ...rest) {
    const stamp = handed ?? tryStamp(info, logger)
    handed = undefined
    if (stamp !== undefined) put(info, stamp)
    return write.call(this, info, ...rest)
  }
  if (child !== undefined) {
    logger.child = function (this: LoggerLike, meta) {
      return stampedChild(child.call(this, meta), logger)
    }
  }
  if (transform === undefined || push === undefined) return
  logger._transform = function (this: LoggerLike, info, ...rest) {
    const outer = current
    current = stampIn(info)
    try {
      transform.call(this, info, ...rest)
    } finally {
      current = outer
    }
  }
  logger.push = function (this: LoggerLike, info, ...rest) {
    if (current !== undefined && isInfo(info) && info[STAMP] !== current) put(info, current)
    return push.call(this, info, ...rest)
  }
}

/** A child copies the entry before it hands it on, and an Error loses its class on the way. */
function stampedChild(child: LoggerLike, logger: LoggerLike): LoggerLike {
  const { write } = child
  const value = (info: Info): boolean => {
    handed ??= tryStamp(info, logger)
    try {
      return write.call(child, info)
    } finally {
      handed = undefined
    }
  }
  // The child's own `write` can be neither written nor defined again.
  return Object.create(child, { write: { value, configurable: true, writable: true } }) as LoggerLike
}

/** The stamp of an entry; undefined when it has none. */
export function stampIn(info: unknown): Stamp | undefined {
  return isInfo(info) ? (info[STAMP] as Stamp | undefined) : undefined
}

/** The span in which an entry was logged that is being formatted, or is not stamped at all. */
export function spanAtCall(info: Info): SpanIds | undefined {
  const stamp = stampIn(info) ?? current
  return stamp === undefined ? activeSpan() : stamp.span
}

/** The stamp of an entry that has none, made now (exception handlers call transports directly). */
export function makeStamp(info: Info, logger?: LoggerLike): Stamp {
  const message = info['message']
  const splat = info[SPLAT]
  const args = Array.isArray(splat) ? [...(splat as unknown[])] : undefined
  const isCrash = (info['exception'] === true || info['rejection'] === true) && 'trace' in info && 'os' in info
  return {
    span: activeSpan(),
    timeMillis: Date.now(),
    text: typeof message === 'string' ? message : isError(message) ? message.message : undefined,
    timestamp: info['timestamp'],
    error: errorIn(info, message, args, isCrash),
    splat: args,
    merged: args !== undefined && isMerged(args[0], info),
    isCrash,
    isEcho: isHandingOver(),
    logger,
  }
}

function tryStamp(info: unknown, logger: LoggerLike): Stamp | undefined {
  try {
    return isInfo(info) ? makeStamp(info, logger) : undefined
  } catch {
    return undefined
  }
}

const descriptor: PropertyDescriptor = { value: undefined, enumerable: false, configurable: true, writable: true }

function put(info: Info, stamp: Stamp): void {
  descriptor.value = stamp
  // False for a frozen entry, which goes without.
  if (isInfo(info)) Reflect.defineProperty(info, STAMP, descriptor)
  descriptor.value = undefined
}

function errorIn(
  info: Info,
  message: unknown,
  args: readonly unknown[] | undefined,
  isCrash: boolean,
): LoggedError | undefined {
  if (isError(info)) return { error: info, message: info.message, place: 'entry' }
  if (isError(message)) return { error: message, message: message.message, place: 'message' }
  const argument = isCrash ? info['error'] : args?.find(isError)
  if (!isError(argument)) return undefined
  return { error: argument, message: argument.message, place: isCrash ? 'crash' : 'argument' }
}

/** winston joins texts and copies stack and cause in its own way; every other field is there as it was. */
const OWN_WAY: ReadonlySet<string> = new Set(['level', 'message', 'stack', 'cause'])

function isMerged(meta: unknown, info: Info): boolean {
  if (!isMeta(meta) && !isError(meta)) return false
  // A key that is inherited, `__proto__`, did not come along.
  return Object.keys(meta).every((key) => {
    return OWN_WAY.has(key) || (Object.hasOwn(info, key) && info[key] === (meta as Info)[key])
  })
}
