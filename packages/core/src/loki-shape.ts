// Fits a record into Loki, which refuses one that is too wide or too long, while it takes the others of its request.
// - The body becomes text; a stack trace moves behind the message, since it is what is read, and not what is searched.
// - Names are one of a kind as Loki sees them (`a.b` and `a_b` are the same), and none is one that Loki gives itself.
// - Attributes beyond the count are dropped, and counted in the record. Long ones are cut until all fit: the longest first,
//   so that a short one is never lost to a long one.

import { safeAttributeName } from './attribute-name.ts'
import { read } from './any-value.ts'
import { TRUNCATED_ATTRIBUTE } from './encode.ts'
import { cutToBytes, entryBytes, lokiName, lokiText, MAX_LINE_BYTES } from './loki.ts'
import type { LogRecord } from './record.ts'
import type { LokiSettings, Settings } from './settings.ts'

const STACK = 'exception.stacktrace'

type Attributes = Readonly<Record<string, unknown>>

interface Entry {
  name: string
  value: unknown
  /** The value as Loki writes it. */
  text: string
}

/** A record that Loki takes, and whether something of it was cut. */
export interface Fitted {
  record: LogRecord
  cut: boolean
}

export function createLokiShape(settings: Settings, loki: LokiSettings): (record: LogRecord) => Fitted {
  const { attributeCountLimit, body: bodyOption } = settings
  const { moved, maxMetadataBytes } = loki
  const reserved = new Set(loki.takenNames)
  return (record) => {
    const { attributes, line } = bodyOption === 'line' ? plainLine(record) : lineWithStack(record)
    const all = { ...moved, ...attributes }
    const keys = Object.keys(all).filter((key) => read(all, key) !== undefined)
    const kept = keys.filter((key) => key !== '').slice(0, attributeCountLimit)
    const around = Buffer.byteLength(`${record.eventName ?? ''}${record.scopeName ?? ''}`)
    const { entries, cut: isCut } = fit(entriesOf(all, kept, reserved), maxMetadataBytes - around)
    const body = line === undefined ? undefined : cutToBytes(line, MAX_LINE_BYTES)
    const cut = isCut || body !== line
    const fitted: Record<string, unknown> = Object.assign(
      Object.create(null) as object,
      cut && { [TRUNCATED_ATTRIBUTE]: true },
    )
    for (const { name, value } of entries) fitted[name] = value
    const droppedAttributesCount = (record.droppedAttributesCount ?? 0) + keys.length - entries.length
    return { record: { ...record, body, attributes: fitted, droppedAttributesCount }, cut }
  }
}

/** The line has the stack trace, where the logger writes one. */
function plainLine({ attributes, body }: LogRecord): { attributes: Attributes; line: string | undefined } {
  return { attributes, line: body === undefined ? undefined : lokiText(body) }
}

function lineWithStack({ attributes, body }: LogRecord): { attributes: Attributes; line: string | undefined } {
  const { [STACK]: stack, ...others } = attributes
  const line = body === undefined ? undefined : lokiText(body)
  if (typeof stack !== 'string') return { attributes, line }
  return { attributes: others, line: line === undefined || line === '' ? stack : `${line}\n${stack}` }
}

/** Each under a name that Loki has no other use for. */
function entriesOf(attributes: Attributes, keys: readonly string[], reserved: ReadonlySet<string>): Entry[] {
  const taken = new Set<string>()
  return keys.map((key) => {
    const safe = safeAttributeName(key)
    const own = reserved.has(lokiName(safe)) ? `custom.${safe}` : safe
    let name = own
    let known = lokiName(name)
    for (let n = 2; taken.has(known) || reserved.has(known); n++) {
      name = `${own}#${n}`
      known = lokiName(name)
    }
    taken.add(known)
    const value = read(attributes, key)
    return { name, value, text: lokiText(value) }
  })
}

function fit(entries: Entry[], maxBytes: number): { entries: Entry[]; cut: boolean } {
  let room = maxBytes
  let count = 0
  for (const { name } of entries) {
    const bytes = entryBytes(name, '')
    if (bytes > room) break
    room -= bytes
    count++
  }
  const kept = entries.slice(0, count)
  const level = levelOf(
    kept.map(({ text }) => Buffer.byteLength(text)),
    room,
  )
  const isLong = ({ text }: Entry): boolean => Buffer.byteLength(text) > level
  const fitted = kept.map((entry) => (isLong(entry) ? { ...entry, value: cutToBytes(entry.text, level) } : entry))
  return { entries: fitted, cut: kept.some(isLong) }
}

/** The largest length at which all fit when longer ones are cut to it. */
function levelOf(sizes: readonly number[], room: number): number {
  let left = room
  const ascending = sizes.toSorted((a, b) => a - b)
  for (const [i, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - i))
    if (size > share) return share
    left -= size
  }
  return Number.POSITIVE_INFINITY
}
