// The last moment of a process, for pipelines that live on the app's own thread (pino's worker is closed by pino).
// - Natural end: 'beforeExit' flushes, within closeTimeoutMillis.
// - process.exit and uncaught exceptions: nothing asynchronous runs any more on this thread. What waits is handed to an
//   inline worker, which posts it while this thread waits for it, closeTimeoutMillis at most. The exit code stays.
// - SIGTERM and SIGINT only on request (closeOnSignals), and only where the app has no handler of its own.
// One set of listeners for all pipelines of a process. Nobody else listens to the process.

import { Worker } from 'node:worker_threads'
import type { Payload, PlainRequest } from './export.ts'
import { EXIT_WORKER_SOURCE } from './exit-worker.ts'
import type { FlushResult } from './report.ts'

/** What a pipeline offers to the end of its process. */
export interface Departing {
  readonly closeTimeoutMillis: number
  /** Nothing more will come: what is not a record yet becomes one. */
  lastCall?: (() => void) | undefined
  /** Records that wait. */
  waiting(): number
  flush(timeoutMillis: number): Promise<FlushResult>
  /** All that waits, as finished payloads, and where to post them; what is safe on disk needs no second try. The caller accounts for them with `settle`. */
  takeOver(): { payloads: Payload[]; request: PlainRequest | undefined; isSafe?: boolean }
  /** The outcome of `takeOver`: records accepted, and records refused for good; what is missing is lost. */
  settle(sent: number, rejected: number): void
  /** Nothing can be delivered any more: what comes now is dropped, and counted. */
  end(): void
}

const departing = new Set<Departing>()
// What the flush of a natural end could not deliver in its time, a second wait would not either.
const givenUp = new WeakSet<Departing>()
// An app that logs whenever 'beforeExit' comes would never end if each line were flushed there.
const MAX_ROUNDS = 3
let rounds = 0

/** Cares for a pipeline when the process ends, until the returned function is called. */
export function watchExit(pipeline: Departing): () => void {
  if (departing.size === 0) {
    process.on('beforeExit', onBeforeExit)
    process.on('exit', onExit)
  }
  departing.add(pipeline)
  return () => {
    departing.delete(pipeline)
    if (departing.size > 0) return
    process.off('beforeExit', onBeforeExit)
    process.off('exit', onExit)
  }
}

function onBeforeExit(): void {
  const waiting = [...departing].filter((pipeline) => pipeline.waiting() > 0 && !givenUp.has(pipeline))
  if (waiting.length === 0 || ++rounds > MAX_ROUNDS) return
  for (const pipeline of waiting) {
    // What waits on disk is complete, and was tried all the same.
    void pipeline.flush(pipeline.closeTimeoutMillis).then(({ complete, waiting: left }) => {
      if (!complete || left > 0) givenUp.add(pipeline)
    })
  }
}

const closers = new Set<() => Promise<unknown>>()
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** Calls `close` at SIGTERM and SIGINT, and then lets the signal end the process, until the returned function is called. */
export function closeOnSignals(close: () => Promise<unknown>): () => void {
  if (closers.size === 0) for (const signal of SIGNALS) process.on(signal, onSignal)
  closers.add(close)
  return () => {
    closers.delete(close)
    if (closers.size === 0) for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

function onSignal(signal: NodeJS.Signals): void {
  // The app has a handler of its own: it decides when the process ends, and 'exit' will come.
  if (process.listenerCount(signal) > 1) return
  void Promise.all([...closers].map((close) => close())).then(() => {
    process.off(signal, onSignal)
    process.kill(process.pid, signal)
  })
}

/** How the jobs of the exit worker lie in shared memory: one cell says that it is done, then two for each job. */
const DONE = 0
const SENT = 1
const REJECTED = 2

function onExit(): void {
  for (const pipeline of departing) pipeline.lastCall?.()
  const jobs = [...departing].filter((pipeline) => pipeline.waiting() > 0)
  if (jobs.length > 0) deliver(jobs)
  // The app may log in handlers of 'exit' that come after this one.
  for (const pipeline of departing) pipeline.end()
}

function deliver(jobs: readonly Departing[]): void {
  const timeoutMillis = Math.max(...jobs.map((job) => (givenUp.has(job) ? 0 : job.closeTimeoutMillis)))
  const cells = new Int32Array(new SharedArrayBuffer(4 * (1 + 2 * jobs.length)))
  const posts = jobs.map((pipeline) => pipeline.takeOver())
  if (timeoutMillis > 0) postAll(posts, cells, timeoutMillis)
  for (const [i, pipeline] of jobs.entries()) {
    pipeline.settle(Atomics.load(cells, 2 * i + SENT), Atomics.load(cells, 2 * i + REJECTED))
  }
}

function postAll(posts: ReturnType<Departing['takeOver']>[], cells: Int32Array, timeoutMillis: number): void {
  const jobs = posts.map(({ payloads, request, isSafe }) => ({
    request,
    isSafe,
    posts: payloads.map(({ chunks, count }) => ({ body: Buffer.concat(chunks), count })),
  }))
  try {
    const worker = new Worker(EXIT_WORKER_SOURCE, {
      eval: true,
      // Not the app's: a preload of its would run again in here.
      env: {},
      execArgv: [],
      workerData: { jobs, cells, timeoutMillis },
    })
    worker.on('error', () => {})
    Atomics.wait(cells, DONE, 0, timeoutMillis)
  } catch {
    // No worker to be had (permissions, memory): the records are counted as lost.
  }
}
