// The exception of an Error that was logged as the entry, as its message or as an argument. winston and its formats take
// such an Error apart: its class is lost, and its fields stand in the entry, as they do on stdout. So the class, the causes
// and a lost message are read from the Error, and whatever formats may have changed, to hide it, from the entry.

import { types } from 'node:util'
import { type Exception, toException } from 'otlp-logs-core'
import { type Info } from './info.ts'
import type { LoggedError, Stamp } from './stamp.ts'
import { withoutColors } from './text.ts'

/** @param text the entry's message as the formats left it */
export function exceptionOf(logged: LoggedError, stamp: Stamp, info: Info, text: string): Exception | undefined {
  const { error, message } = logged
  const exception = toException(error)
  if (exception === undefined) return undefined
  const { attributes, rest } = exception
  const isInEntry = isFlattened(logged, stamp, info)
  // Where the Error is the entry, formats write into the Error, and V8 may put a stack together only when it is read.
  let { 'exception.stacktrace': stacktrace } = attributes
  if (isInEntry && typeof info['stack'] === 'string' && info['stack'] !== error.stack) stacktrace = info['stack']
  let said = message
  if (isInEntry && text !== '' && stamp.text?.includes(message) && !text.includes(message)) {
    said = logged.place === 'crash' ? firstLine(text) : text
    stacktrace = stacktrace?.replaceAll(message, () => said)
  }
  if (typeof said === 'string') attributes['exception.message'] = said
  if (stacktrace !== undefined) attributes['exception.stacktrace'] = withoutColors(stacktrace)
  // winston puts the fields of an Error that nobody caught nowhere.
  if (!isInEntry || logged.place === 'crash') return exception
  return { attributes, rest: notInEntry(rest, error) }
}

/** Whether a field of the entry is told by its exception already. */
export function isPartOf({ attributes }: Exception, { error }: LoggedError, key: string, value: unknown): boolean {
  if (value === error) return true
  if (key === 'name') return value === attributes['exception.type']
  return (key === 'stack' || key === 'cause' || key === 'errors') && value === (error as unknown as Info)[key]
}

/** Whether the Error's own fields were put into the entry. */
function isFlattened({ error, place }: LoggedError, { splat, merged }: Stamp, info: Info): boolean {
  if (place === 'argument') return merged && splat?.[0] === error
  return place !== 'message' || !types.isNativeError(info['message'])
}

function notInEntry(rest: Exception['rest'], error: Error): Exception['rest'] {
  const own = new Set(Object.keys(error))
  const entries = Object.entries(rest ?? {}).filter(([key]) => key === 'cause' || key === 'errors' || !own.has(key))
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

/** Of what winston writes for an uncaught exception: `uncaughtException: message`, and then the stack. */
function firstLine(text: string): string {
  return text.replace(/^\w+: /, '').replace(/\n.*$/s, '')
}

/** The exception that a stack tells of, where errors() or a child logger has left nothing else of an Error. */
export function exceptionOfStack(stack: string, text: string): Exception | undefined {
  const header = /^(?:Uncaught )?([\w$.]+)(?: \[\w+\])?(?:: (.*?))?(?=\n\s+at |$)/s.exec(stack)
  if (header === null || !(stack.includes('\n    at ') || /(?:Error|Exception)$/.test(header[1]!))) return undefined
  const message = header[2] ?? text
  return toException({ type: header[1], message, stack: withoutColors(stack) }, true)
}
