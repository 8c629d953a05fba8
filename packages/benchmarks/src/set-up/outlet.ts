// What each file of this folder makes: a logger with one transport, as that transport's README shows it. Where a default
// would make a comparison unfair (another interval of sending, a queue that is too short), `Given` names another, and the
// contender says so. They run in a process of their own: see ../app/app.ts.

import type { Stats } from 'otlp-logs-core'
import type { Logger as PinoLogger } from 'pino'
import type { Logger as WinstonLogger } from 'winston'

export interface Given {
  endpoint: string
  /** Options of our transports. */
  options?: object
  /** Of the OpenTelemetry SDK's processor. */
  processor?: { maxQueueSize: number }
  /** Whether a span is active while lines are logged. */
  withSpan?: boolean
}

export type Outlet = {
  /** Where it can tell: what became of the lines. */
  stats?(): Stats
  /** Resolves when all lines so far are delivered. */
  flush?(): Promise<unknown>
  /** Resolves when the transport is there to take lines, where that is not at once. */
  ready?(): Promise<unknown>
  /** How many lines came to the other end, where that is no receiver. */
  counted?(): number
  /** Runs what logs, inside of a span. */
  within?(act: () => void): void
} & ({ pino: PinoLogger } | { winston: WinstonLogger })
