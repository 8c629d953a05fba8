// When an event happened: a field of the entry may say so. format.timestamp() only says when it ran, which is later than
// the log call, by much when another transport is slow, and often by a clock face without a zone.

import { types } from 'node:util'
import { millisToUnixNano, toUnixNano } from 'otlp-logs-core'

/** September 2001: smaller numbers are no time of a log entry. */
const EARLIEST_NANOS = 10n ** 18n
/** 2262: what nanoseconds in 64 bits can tell. */
const LATEST_MILLIS = 9_223_372_036_854
/** Formatted times may be cut to the second. */
const SECOND_MILLIS = 1000

/**
 * The time that a field holds; undefined when it is none.
 * @param loggedMillis when the entry was logged, if the field may be a format's: then a time since is that of the format
 */
export function eventTime(value: unknown, loggedMillis: number | undefined): bigint | undefined {
  if (value === undefined || (typeof value === 'string' && !hasZone(value))) return undefined
  const time = types.isDate(value) ? nanosOf(value) : toUnixNano(value)
  if (time === undefined || time < EARLIEST_NANOS) return undefined
  if (loggedMillis === undefined) return time
  const millis = Number(time / 1_000_000n)
  const isOfFormat = millis > loggedMillis - SECOND_MILLIS && millis <= Date.now()
  return isOfFormat ? millisToUnixNano(loggedMillis) : time
}

/** A text without a zone is a time in the zone of whoever reads it. */
function hasZone(text: string): boolean {
  return /(?:Z|[+-]\d{2}:?\d{2}|GMT|UTC)$/i.test(text.trim()) || /^\d+$/.test(text)
}

/** A Date says milliseconds, whatever their size; a number may be any unit. */
function nanosOf(date: Date): bigint | undefined {
  const millis = date.getTime()
  return millis > 0 && millis <= LATEST_MILLIS ? millisToUnixNano(millis) : undefined
}
