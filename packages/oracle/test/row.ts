// One row of the two tables in which we and the OpenTelemetry SDK are allowed to differ: what the SDK does, what is right
// and who says so, and how the difference is told. A row says of a source, where it applies and nowhere else, the same
// thing in words that the SDK gets right; so what the SDK then sends has to be equal to what we send of the original.
// A row's example is sent as it is by its own test, which fails on the day when the SDK does what is right.

import type { LogRecordMessage } from '@otlp-logs/test-support'
import type { At, Limits, Protocol, Said, Settings, Source } from './source.ts'

export interface Row {
  /** Short, unique. */
  name: string
  /** A sentence that begins with "the SDK". */
  theSdk: string
  /** What is to be seen instead. */
  right: string
  /** Who says so: file and section of a specification, or our own reason. */
  why: string

  /** What a value amounts to; undefined where the row does not apply. */
  value?(value: unknown, at: At): Said | undefined
  /** What stands for an array or a map, whatever is in it. */
  container?(at: At): string | undefined
  /** What stands for a value that cannot be read. */
  unreadable?(error: unknown): string | undefined
  /** What a key is on the wire, where the SDK does not get it there. */
  key?(key: string, at: At): string | undefined
  /** The source told otherwise. */
  source?(source: Source, settings: Settings): Source | undefined
  /** The SDK's record put right, in place. False where the row does not apply. */
  received?(received: LogRecordMessage, source: Source, sent: Window): boolean

  examples: readonly Example[]
}

/** When the SDK was given the record, in milliseconds since the epoch. */
export interface Window extends Settings {
  from: number
  to: number
}

export interface Example {
  /** @default both */
  protocol?: Protocol
  limits?: Partial<Limits>
  /** On top of a record with times, severity 9, no body and no attributes. */
  record?: Partial<Source['record']>
  error?: Error
  /** Done to a copy of the record when it is given, and before it goes. */
  meanwhile?: (record: Source['record']) => void
  /** What becomes of it at the SDK: see Outcome in sdk-route.ts. */
  seen: Seen
}

type Seen =
  /** The application's call throws. */
  | 'throws'
  /** No request is sent; with the record, its whole batch is lost. */
  | 'lost'
  /** A request is sent that the official schema cannot read, so the whole batch is lost. */
  | 'unreadable'
  | Partial<LogRecordMessage>

/** Whether a row says of sources what to do about them. The others are shown by their examples alone. */
export function acts({ value, container, unreadable, key, source, received }: Row): boolean {
  return (value ?? container ?? unreadable ?? key ?? source ?? received) !== undefined
}
