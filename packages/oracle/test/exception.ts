// The exception attributes of an Error, and what else it carries: the specification's words, not our code's.

import type { Source } from './source.ts'

/** semantic conventions, exceptions/exceptions-logs.md: type is the class, and what is there is there. */
export function exceptionOf(error: Error): Record<string, unknown> {
  const attributes: Record<string, unknown> = { 'exception.type': classOf(error), 'exception.message': error.message }
  if (error.stack) attributes['exception.stacktrace'] = stacksOf(error).join('\ncaused by: ')
  return attributes
}

export function classOf(error: Error): string {
  return error.constructor.name || error.name
}

export function causeOf(error: Error | undefined): Error | undefined {
  return error?.cause instanceof Error ? error.cause : undefined
}

function stacksOf(error: Error): string[] {
  const cause = causeOf(error)
  const stack = error.stack || `${classOf(error)}: ${error.message}`
  return cause === undefined ? [stack] : [stack, ...stacksOf(cause)]
}

/** The source with some of its exception's attributes given outright, so that the SDK does not look for them. */
export function withException(source: Source, keys: readonly string[]): Source {
  const { error, record } = source
  if (error === undefined) return source
  const given = Object.entries(exceptionOf(error)).filter(([key]) => keys.includes(key))
  return { ...source, record: { ...record, attributes: { ...record.attributes, ...mapWithout(given, record) } } }
}

function mapWithout(entries: [string, unknown][], { attributes }: Source['record']): Record<string, unknown> {
  return Object.fromEntries(entries.filter(([key]) => !Object.hasOwn(attributes, key)))
}

/** What an Error carries besides: fields of its own, the cause, the errors of an AggregateError. */
export function restOf(error: Error): Record<string, unknown> {
  const { name, ...rest }: Record<string, unknown> = { ...error }
  if (name !== undefined && name !== classOf(error)) rest['name'] = name
  const cause = causeOf(error)
  if (error.cause !== undefined) rest['cause'] = error.cause
  if (error instanceof AggregateError) rest['errors'] = error.errors
  if (cause !== undefined) rest['cause'] = { ...restOf(cause), type: classOf(cause), message: cause.message }
  return rest
}
