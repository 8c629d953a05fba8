// Errors -> exception.type, exception.message, exception.stacktrace (semantic conventions, exceptions/exceptions-logs.md).
// Only what really is an error counts: an Error, or the object that a serializer made of one. Its stack tells, or the
// place where it stands: under the logger's own error key, a type and a message are enough.
// What an error carries besides (code, errno, aggregateErrors) is not lost: the caller keeps it under the key it had.

import { types } from 'node:util'

export interface ExceptionAttributes {
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
  const { type, name, message, stack, ...others } = fieldsOf(value)
  const text = typeof message === 'string' ? message : undefined
  const kind = firstText(type, name)
  // Serializers write an empty text where there is no stack.
  const stacktrace = firstText(stack)
  const complete = atErrorKey || types.isNativeError(value)
  if (stacktrace === undefined && !(complete && kind !== undefined && text !== undefined)) return undefined
  const attributes: ExceptionAttributes = {}
  const exceptionType = kind ?? (stacktrace === undefined ? undefined : /^[\w$.]+/.exec(stacktrace)?.[0])
  if (exceptionType !== undefined) attributes['exception.type'] = exceptionType
  if (text !== undefined) attributes['exception.message'] = text
  if (stacktrace !== undefined) attributes['exception.stacktrace'] = stacktrace
  if (exceptionType === undefined && text === undefined) return undefined
  const rest: Record<string, unknown> = { ...others }
  // A name beside a type is one more fact, unless it says the same.
  if (typeof name === 'string' && kind !== name) rest['name'] = name
  for (const [key, field] of Object.entries({ type, message, stack })) {
    if (field !== undefined && typeof field !== 'string') rest[key] = field
  }
  return { attributes, rest: Object.keys(rest).length > 0 ? rest : undefined }
}

function fieldsOf(value: object): Record<string, unknown> {
  if (!types.isNativeError(value)) return value as Record<string, unknown>
  const { message, stack, cause } = value
  const fields: Record<string, unknown> = { ...value, type: value.constructor?.name || value.name, message, stack }
  if (cause !== undefined) fields['cause'] = cause
  if ('errors' in value) fields['errors'] = value.errors
  return fields
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}
