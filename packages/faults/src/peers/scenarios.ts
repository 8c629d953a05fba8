// What is done to each contender. An app's source is run by ../peers/measure.ts, with what test-support's logging-app.ts
// puts at its hands; `drive` acts on the collector and on the process while it runs.

import type { Answer, App } from '@otlp-logs/test-support'
import { setTimeout as delay } from 'node:timers/promises'

export interface Scenario {
  name: string
  /** Whole sentences: what the app does, what the collector does. */
  what: string
  /** What the app does. It says 'exiting' right before it ends by itself. */
  source: string
  /** How many lines it logs if nothing prevents it. */
  lines: number
  /** How the collector answers at first. */
  answer: Answer | readonly Answer[]
  drive?: (stage: Stage) => Promise<void>
  isoTime?: true
  prepared?: true
  /** Lines come at a pace that leaves a machine idle, so that all contenders may run at once. */
  isQuiet?: true
  /** Also shown: how long after the last line was logged all were there. */
  settles?: true
}

export interface Stage {
  app: App
  setAnswer(answer: Answer): void
  waitForDelivered(count: number, timeoutMillis: number): Promise<void>
  /** Sends the signal, from which the exit is timed. */
  terminate(): void
}

const EXIT = "say('exiting', Date.now()); process.exit(0)"
const DOWN: Answer = { status: 503 }
const PER_SECOND = 100

/** Ends the app when all of its lines have arrived, or after so long. */
async function endWhenDelivered(
  { app, waitForDelivered }: Stage,
  lines: number,
  patienceMillis: number,
): Promise<void> {
  await app.stdoutLine('done')
  await waitForDelivered(lines, patienceMillis).catch(() => {})
  // The last answer is on its way; an app that ended now could not know of it.
  await delay(500)
  app.write('end\n')
}

function paced(seconds: number): Pick<Scenario, 'source' | 'lines' | 'isQuiet'> {
  return {
    source: `await pace(${PER_SECOND}, ${seconds * 1000}); say('done', Date.now()); await cue('end'); ${EXIT}`,
    lines: PER_SECOND * seconds,
    isQuiet: true,
  }
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'All is well',
    what: '500 lines, 100 a second; all answers are success. Only to see that each works.',
    ...paced(5),
    answer: {},
    drive: (stage) => endWhenDelivered(stage, 500, 15_000),
  },
  {
    name: 'A burst',
    what: '100 000 lines in one tick; all answers are success.',
    source: `log(100_000); say('done', Date.now()); await cue('end'); ${EXIT}`,
    lines: 100_000,
    answer: {},
    drive: (stage) => endWhenDelivered(stage, 100_000, 30_000),
  },
  {
    name: 'The collector is down for 20 s',
    what: '100 lines a second for 35 s. The collector answers 503 for the first 20 s, then success. The app lives on until all has arrived, at most 75 s.',
    ...paced(35),
    answer: DOWN,
    async drive(stage) {
      await stage.app.stdoutLine('start')
      await delay(20_000)
      stage.setAnswer({})
      await endWhenDelivered(stage, 3500, 75_000)
    },
    settles: true,
  },
  {
    name: 'The collector is busy, and says so',
    what: '1000 lines, 100 a second. The first request is answered 503 with `Retry-After: 30`, all others with success. The app lives on until all has arrived, at most 75 s.',
    ...paced(10),
    answer: [{ ...DOWN, headers: { 'retry-after': '30' } }, {}],
    drive: (stage) => endWhenDelivered(stage, 1000, 75_000),
    settles: true,
  },
  {
    name: '`process.exit(0)` right after 1000 lines',
    what: 'All answers are success. What an app could do first, such as to await `provider.shutdown()`, none does.',
    source: `log(1000); ${EXIT}`,
    lines: 1000,
    answer: {},
  },
  {
    name: '`process.exit(0)` right after 1000 lines, and the collector hangs',
    what: 'It takes requests and never answers.',
    source: `log(1000); ${EXIT}`,
    lines: 1000,
    answer: { hang: true },
  },
  {
    name: 'SIGTERM, nothing prepared',
    what: '200 ms after 1000 lines; all answers are success.',
    ...terminated(),
  },
  {
    name: 'SIGTERM, prepared',
    what: 'The same, with what the documentation of each offers for it (see below).',
    ...terminated(),
    prepared: true,
  },
  {
    name: 'Times as ISO 8601 text',
    what: 'As the first, with `timestamp: pino.stdTimeFunctions.isoTime` or `winston.format.timestamp()`.',
    ...paced(5),
    answer: {},
    drive: (stage) => endWhenDelivered(stage, 500, 15_000),
    isoTime: true,
  },
]

function terminated(): Pick<Scenario, 'source' | 'lines' | 'answer' | 'drive'> {
  return {
    source: `log(1000); say('done', Date.now()); setInterval(() => {}, 1000)`,
    lines: 1000,
    answer: {},
    async drive({ app, terminate }) {
      await app.stdoutLine('done')
      await delay(200)
      terminate()
    },
  }
}
