// What a logger package and the core are to each other: the package is the host of a Pipeline, and gives it records.
// pipeline.ts makes one that delivers by itself; sdk-pipeline.ts one that hands over to an OpenTelemetry SDK. Types only.

import type { Clock } from './clock.ts'
import type { LogRecord, Scope } from './record.ts'
import type { DropReason, FlushResult, Stats } from './report.ts'

/** Who makes the pipeline, and where. */
export interface Host {
  /** The package's name and version: the default scope, and the sender of diagnostics. */
  package: Scope
  /** Whether this is the app's own thread, whose end must be watched. */
  inProcess: boolean
  /** Shared memory to count in, from `new Counters().buffer`. */
  counters?: SharedArrayBuffer | undefined
  /** Records that an earlier thread lost with itself, which no request has told about. */
  workerDied?: number | undefined
  /** Under which the logger writes the message. @default 'message' */
  messageKey?: string | undefined
  /** Called when the process ends, before what waits is looked at. */
  lastCall?: (() => void) | undefined
  /** Time for the sender and for diagnostics. @default the system's */
  clock?: Clock | undefined
}

/** Takes records, delivers them, and knows what became of each. */
export interface Pipeline {
  emit(record: LogRecord): void
  /** Counts a record that came but never became a LogRecord. @param why for people: `the format threw (no such key)` */
  refuse(reason: DropReason, why?: string): void
  /** The end of a chunk of records: writes them to the journal, where there is one. */
  commit(): void
  /** Resolves when all records emitted before are sent or dropped, or the time is over; never rejects. */
  forceFlush(timeoutMillis?: number): Promise<FlushResult>
  /** Flushes, then ends. Later records are dropped as `shutdown`. Never rejects; a second call is the first. */
  shutdown(timeoutMillis?: number): Promise<FlushResult>
  stats(): Stats
}
