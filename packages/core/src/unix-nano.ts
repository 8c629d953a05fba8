// Times as loggers write them -> nanoseconds since the epoch: numbers in seconds, milliseconds, microseconds or
// nanoseconds (told apart by their size), ISO texts with up to nine digits of fraction, and other dates that Date knows.

import { millisToUnixNano } from './record.ts'

const ISO = /^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9})\d*)?\s*(Z|[+-]\d{2}:?\d{2})?$/i
/** The largest time that fixed64 nanoseconds and every backend can hold: the year 2262. */
const MAX_NANOS = 2n ** 63n - 1n

/** `undefined` when the value is not a time between 1970 and 2262. Never throws. */
export function toUnixNano(value: unknown): bigint | undefined {
  const nanos = typeof value === 'string' ? ofText(value) : ofNumber(value)
  return nanos !== undefined && nanos > 0n && nanos <= MAX_NANOS ? nanos : undefined
}

function ofNumber(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value >= 10n ** 17n ? value : ofNumber(Number(value))
  if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) return undefined
  // Seconds up to the year 5138, milliseconds from 1973: the usual sizes of today's clock lie far from these bounds.
  if (value < 1e11) return millisToUnixNano(value * 1000)
  if (value < 1e14) return millisToUnixNano(value)
  if (value < 1e17) return BigInt(Math.round(value)) * 1000n
  return BigInt(Math.round(value))
}

function ofText(text: string): bigint | undefined {
  const iso = ISO.exec(text)
  if (iso !== null) {
    const [, date, fraction = '', zone = 'Z'] = iso
    const millis = Date.parse(`${date!.replace(' ', 'T')}${zone}`)
    return Number.isNaN(millis) ? undefined : BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
  }
  if (/^\d{9,19}(?:\.\d+)?$/.test(text)) return ofNumber(text.length > 16 ? BigInt(text.split('.')[0]!) : Number(text))
  // Only what names a year: Date.parse also takes "12:30 pm 1" and "room 5" for dates.
  if (!/\b\d{4}\b/.test(text) || !/[a-z]{3}|\d[-/]\d/i.test(text)) return undefined
  const millis = Date.parse(text)
  return Number.isNaN(millis) ? undefined : millisToUnixNano(millis)
}
