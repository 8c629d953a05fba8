// Errors -> exception.type, exception.message, exception.stacktrace (semantic conventions, exceptions/exceptions-logs.md).
// Only what really is an error counts: an Error, or the object that a serializer made of one. Its stack tells, or the
// place where it stands: under the logger's own error key, a type and a message are enough.
// What an error carries besides (code, errno, aggregateErrors) is not lost: the caller keeps it under the key it had.
// Its causes are told twice: to people in the stack trace, to queries as `cause`, with the fields of their own.

import { types } from 'node:util'

interface ExceptionAttributes {
  'exception.type'?: string
  'exception.message'?: string
  'exception.stacktrace'?: string
}

export interface Exception {
  attributes: ExceptionAttributes
  /** What else the error carried; undefined when nothing. */
  rest: Record<string, unknown> | undefined
}

/**
 * Reads an Error, or a serialized one: `{ type, message, stack, ...rest }`. `undefined` when the value is neither.
 * @param atErrorKey whether the value stands where the logger puts errors, so that no stack is asked for
 */
export function toException(value: unknown, atErrorKey = false): Exception | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return types.isNativeError(value) ? ofError(value) : ofSerialized(value as Record<string, unknown>, atErrorKey)
  } catch {
    // A getter that throws, or a Proxy: whoever writes the value marks the place.
    return undefined
  }
}

function ofSerialized(value: Record<string, unknown>, atErrorKey: boolean): Exception | undefined {
  const { type, name, message, stack, ...others } = value
  const text = typeof message === 'string' ? message : undefined
  const kind = firstText(type, name)
  // Serializers write an empty text where there is no stack.
  const stacktrace = firstText(stack)
  if (stacktrace === undefined && !(atErrorKey && kind !== undefined && text !== undefined)) return undefined
  const exceptionType = kind ?? (stacktrace === undefined ? undefined : /^[\w$.]+/.exec(stacktrace)?.[0])
  if (exceptionType === undefined && text === undefined) return undefined
  const rest: Record<string, unknown> = { ...others }
  // A name beside a type is one more fact, unless it says the same.
  if (typeof name === 'string' && kind !== name) rest['name'] = name
  for (const [key, field] of Object.entries({ type, message, stack })) {
    if (field !== undefined && typeof field !== 'string') rest[key] = field
  }
  return { attributes: attributesOf(exceptionType, text, stacktrace), rest: orNothing(rest) }
}

function ofError(error: Error): Exception {
  const { message } = error
  const type = classOf(error)
  const text = typeof message === 'string' ? message : undefined
  return { attributes: attributesOf(type, text, stackOf(error)), rest: orNothing(besidesOf(error, new Set())) }
}

function attributesOf(type?: string, message?: string, stacktrace?: string): ExceptionAttributes {
  const attributes: ExceptionAttributes = {}
  if (type !== undefined) attributes['exception.type'] = type
  if (message !== undefined) attributes['exception.message'] = message
  if (stacktrace !== undefined) attributes['exception.stacktrace'] = stacktrace
  return attributes
}

/** More are hardly a chain of causes but a mistake, and a stack trace has many lines. */
const MAX_CAUSES = 10

/** The stack trace of V8, and those of the causes behind it, as Java and pino write them. */
function stackOf(error: Error): string | undefined {
  if (firstText(error.stack) === undefined) return undefined
  const seen = new Set<unknown>()
  const stacks: string[] = []
  for (let at: unknown = error; types.isNativeError(at) && stacks.length <= MAX_CAUSES; at = at.cause) {
    if (seen.has(at)) {
      stacks.push('[Circular]')
      break
    }
    seen.add(at)
    stacks.push(firstText(at.stack) ?? `${classOf(at)}: ${at.message}`)
  }
  return stacks.join('\ncaused by: ')
}

/** What an Error carries besides type, message and stack; `seen` are those on the way to it. */
function besidesOf(error: Error, seen: Set<Error>): Record<string, unknown> {
  const { name, message: _message, stack: _stack, ...besides }: Record<string, unknown> = { ...error }
  if (name !== undefined && name !== classOf(error)) besides['name'] = name
  if (typeof error.message !== 'string') besides['message'] = error.message
  if (error.cause !== undefined) besides['cause'] = error.cause
  if ('errors' in error) besides['errors'] = error.errors
  const { cause } = besides
  if (!types.isNativeError(cause)) return besides
  seen.add(error)
  // The stack trace is part of the error's own.
  const told = { type: classOf(cause), message: cause.message }
  if (seen.has(cause) || seen.size > MAX_CAUSES) besides['cause'] = told
  else besides['cause'] = { ...besidesOf(cause, seen), ...told }
  return besides
}

function classOf(error: Error): string {
  return error.constructor?.name || error.name
}

function orNothing(rest: Record<string, unknown>): Record<string, unknown> | undefined {
  return Object.keys(rest).length > 0 ? rest : undefined
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}
