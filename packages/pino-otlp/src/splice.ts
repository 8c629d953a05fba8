// What the main thread adds to the worker's copy of a line: the span that was active when it was logged, and the name of
// a level that only a child logger knows. One reserved field, put before the last brace without parsing the line; the
// worker takes it out again. A text that is no such line stays as it is.

import { activeSpan, type SpanIds } from 'otlp-logs-core'

export const SPLICE_KEY = 'otlp_logs.splice'

/** @param label the level's name, where the worker could not know it */
export function splice(text: string, label: string | undefined): string {
  const span = activeSpan()
  if (span === undefined && label === undefined) return text
  const at = closingBrace(text)
  // Only what can be one JSON object and its line end: in any other text a brace means something else.
  if (at < 1 || text.charCodeAt(0) !== OPENING_BRACE) return text
  const field = fieldOf(span, label)
  return text.slice(0, at) + (text.charCodeAt(at - 1) === OPENING_BRACE ? field.slice(1) : field) + text.slice(at)
}

const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const LINE_FEED = 0x0a

/** Where the last brace is, before a line's end; -1 when there is none. */
function closingBrace(text: string): number {
  // As pino ends all of its lines.
  const at = text.length - 2
  if (text.charCodeAt(at) === CLOSING_BRACE && text.charCodeAt(at + 1) === LINE_FEED) return at
  const last = text.lastIndexOf('}')
  return last < text.length - 3 ? -1 : last
}

let lastSpan: SpanIds | undefined
let lastLabel: string | undefined
let lastField = ''

/** Lines come many to a span. */
function fieldOf(span: SpanIds | undefined, label: string | undefined): string {
  if (lastField !== '' && span === lastSpan && label === lastLabel) return lastField
  const ids = span === undefined ? '' : `${span.traceId}-${span.spanId}-${hexByte(span.traceFlags ?? 0)}`
  const value = label === undefined ? ids : `${ids} ${JSON.stringify(label).slice(1, -1)}`
  lastSpan = span
  lastLabel = label
  lastField = `,"${SPLICE_KEY}":"${value}"`
  return lastField
}

const SPLICED = new RegExp(String.raw`^"${SPLICE_KEY.replace('.', '\\.')}":"(?:[^"\\]|\\.)*"\}$`)

/** The line as pino wrote it: without what the main thread added, and without a line end. */
export function unsplice(text: string): string {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text
  // Within a label quotes are escaped, so that this stands only where the field begins.
  const at = line.lastIndexOf(`"${SPLICE_KEY}":"`)
  // A field of that name which is not the last is the user's.
  if (at === -1 || !SPLICED.test(line.slice(at))) return line
  return `${line.slice(0, line[at - 1] === ',' ? at - 1 : at)}}`
}

export function readSplice(value: unknown): { span: SpanIds | undefined; label: string | undefined } {
  if (typeof value !== 'string') return { span: undefined, label: undefined }
  const gap = value.indexOf(' ')
  const ids = gap === -1 ? value : value.slice(0, gap)
  const label = gap === -1 ? undefined : value.slice(gap + 1)
  const [traceId, spanId, flags] = ids.split('-')
  const span = flags === undefined ? undefined : { traceId: traceId!, spanId, traceFlags: Number.parseInt(flags, 16) }
  return { span, label }
}

/** A byte as two hex digits, as trace flags are written. */
export function hexByte(value: number): string {
  return value.toString(16).padStart(2, '0')
}

const CONFIG_KEY = 'otlp_logs.config'
const CONFIG_PREFIX = `{"${CONFIG_KEY}":`

/**
 * A logger's configuration as a line among its lines. As a message, which is how pino sends it, it could arrive after the
 * first of them.
 */
export function toConfigLine(config: unknown): string {
  return `${CONFIG_PREFIX}${JSON.stringify(config)}}\n`
}

/** `undefined` when the line is not such a line. */
export function readConfigLine(line: string): object | undefined {
  if (!line.startsWith(CONFIG_PREFIX)) return undefined
  const { [CONFIG_KEY]: config } = JSON.parse(line) as { [CONFIG_KEY]: unknown }
  return typeof config === 'object' && config !== null ? config : undefined
}
