// The app of a round: it logs and flushes by its plan, then one line every 100 ms until it is told to end, and ends.

import { loggingApp, type LoggingMode } from '@otlp-logs/test-support'
import type { End, Plan } from './plan.ts'

/** What the app ends with where it chooses the code itself. */
export const EXIT_CODE = 3

/** A flush that has resolved: of the lines before it, `dropped` at most had been lost by then. */
export interface SaidFlush {
  before: number
  dropped: number
  complete: boolean
  at: number
}

/** @param directory of the journal, where the plan has one */
export function appOf({ mode, options, steps, end, journal }: Plan, endpoint: string, directory: string): string {
  const source = `
    const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))
    const now = () => performance.timeOrigin + performance.now()
    async function flush() {
      const before = __logged
      const { complete } = await transport.flush()
      say('flush', { before, complete, dropped: transport.stats().dropped.total, at: now() })
    }
    async function terminate() {
      const worker = globalThis.__workers?.at(-1)
      say('terminating', now())
      await worker?.terminate()
      say('terminated', now())
    }
    // Nothing else keeps it alive while it waits for a flush, or for a worker's end.
    const alive = setInterval(() => {}, 1000)
    for (const step of ${JSON.stringify(steps)}) {
      if (step.what === 'pace') await pace(step.perSecond, step.millis, step.bytes)
      if (step.what === 'burst') log(step.count, step.bytes)
      if (step.what === 'pause') await wait(step.millis)
      if (step.what === 'terminate') await terminate()
      if (step.what === 'flush') {
        const flushed = flush()
        if (step.isAwaited) await flushed
      }
    }
    let isOver = false
    void cue('end').then(() => (isOver = true))
    say('idle')
    while (!isOver) {
      log(1)
      await wait(100)
    }
    clearInterval(alive)
    log(${end.lines})
    ${sourceOfEnd(end, mode)}`
  const ofJournal = journal === undefined ? {} : { journal: { directory, ...journal } }
  return loggingApp({ mode, options: { endpoint, ...options, ...ofJournal }, source })
}

function sourceOfEnd({ kind }: End, mode: LoggingMode): string {
  // The last listener of 'exit': pino's is there once its worker is ready, and ends it.
  const ending = `process.once('beforeExit', () => process.on('exit', sayStats)); say('ending', now())`
  switch (kind) {
    case 'natural end':
      return ending
    case 'process.exit':
      return `process.on('exit', sayStats); say('ending', now()); process.exit(${EXIT_CODE})`
    case 'SIGKILL':
      return `say('ending', now()); setInterval(() => {}, 1000)`
    case 'close':
      return mode === 'winston' ? `${ending}; logger.end()` : `${ending}; await transport.close()`
    case 'SIGTERM': {
      // A worker sees no signals: the app has to end itself.
      const handler = mode === 'pino target' ? `process.on('SIGTERM', () => process.exit(${EXIT_CODE}))` : ''
      return `${handler}; setInterval(() => {}, 1000); ${ending}`
    }
  }
}

/** Keeps the app's workers at hand, for `terminate`. */
export const PRELOAD: string = `data:text/javascript,${encodeURIComponent(
  `process.on('worker', (worker) => (globalThis.__workers ??= []).push(worker))`,
)}`
