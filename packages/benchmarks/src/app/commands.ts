// What an app is told to do, and what it says to that. The app is app.ts; who tells it is app-process.ts.

import type { Given } from '../set-up/outlet.ts'
import type { ShapeName } from '../shapes.ts'

/** What an app is started with. */
export interface AppPlan {
  /** The module in set-up/. */
  setUp: string
  given: Given
  shape: ShapeName
}

export type Command =
  /** Logs lines that nobody counts, until the compilers have seen enough; then rests. */
  | { do: 'warm'; perSecond: number; millis: number }
  /** Logs evenly. Then, as after the next two, what waits is flushed, unless it is to be left to the transport's schedule. */
  | { do: 'pace'; perSecond: number; millis: number; withoutFlush?: true }
  /** Logs so many lines in one tick. */
  | { do: 'burst'; count: number }
  /** Logs as fast as the app's thread can, but lets others run in between. */
  | { do: 'flood'; count: number }
  /** Times the calls themselves. */
  | { do: 'calls'; perSecond: number; millis: number }
  /** Starts to count CPU time and the peak of memory. */
  | { do: 'begin' }
  | { do: 'usage' }
  /** Waits until a stream that counts has seen all lines. */
  | { do: 'counted' }
  /** Delivers what waits, and ends as an app does that has nothing more to do. */
  | { do: 'exit' }

/** What was logged, and when. */
export interface Logged {
  first: number
  count: number
  /** `Date.now()`. */
  startedAt: number
  endedAt: number
}

export interface Usage {
  /** Of the whole process, all threads, since 'begin'. */
  cpuMicros: number
  /** The most since 'begin', in MiB. */
  rssPeakMib: number
  /** The most bytes that waited, where the transport can tell, in MiB. */
  waitingPeakMib: number
  /** What the transport says that it lost, where it can tell; since the start. */
  dropped: number
}

/** What the app's thread paid for each call. */
export interface Calls {
  /** Over blocks in which no call is timed by itself. */
  meanMicros: number
  p50Micros: number
  p99Micros: number
  p999Micros: number
  maxMicros: number
  count: number
}
