// Clocks that jump, and apps that are suspended, while the collector is down: waits are measured by a clock that only goes
// on, so that none is cut or frozen. Records keep the time that their app's clock showed.

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type App,
  LOGGING_MODES,
  loggingApp,
  type LoggingMode,
  type Receiver,
  startApp,
  startReceiver,
  Tally,
} from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'

const YEAR = 365 * 24 * 3_600_000
const UNAVAILABLE = { status: 503 }
/** From what the app wrote to what its logger read from the same clock. */
const TOLERANCE_MILLIS = 1000
/** The waits after the first failures, and what a busy machine may add. */
const WAITS = [
  [500, 1000],
  [1000, 2000],
] as const
const LATE_MILLIS = 1000
const SUSPENDED_MILLIS = 2500
/** By now a request has its answer, and the app waits: it does so for longer than this. */
const ANSWERED_MILLIS = 300

/** In every thread of the app: a clock that `jumpClock` sets on or back, on all of them. */
const CLOCK = `data:text/javascript,${encodeURIComponent(`
  import { BroadcastChannel } from 'node:worker_threads'
  const RealDate = Date
  let offset = 0
  globalThis.Date = class Date extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(RealDate.now() + offset)
      else super(...args)
    }
    static now() {
      return RealDate.now() + offset
    }
  }
  const channel = new BroadcastChannel('clock')
  channel.onmessage = ({ data }) => (offset = data)
  channel.unref()
  globalThis.jumpClock = (millis) => {
    offset = millis
    channel.postMessage(millis)
  }`)}`

const receivers: Receiver[] = []

afterEach(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()))
  expect(receivers.flatMap(({ problems }) => problems)).toEqual([])
  receivers.length = 0
})

// The cases take some seconds each, and no CPU: so all modes at once.
test.each([
  ['forward', YEAR],
  ['back', -YEAR],
])(
  'F34: a clock that jumps a year %s in an outage, and returns, neither cuts nor freezes a wait, and changes no time',
  async (_name, jump) => {
    await inAllModes(async (mode) => {
      const { app, receiver } = await start(
        mode,
        { scheduledDelayMillis: 100 },
        `
        logAt(10)
        await cue('jump')
        jumpClock(${jump})
        logAt(10)
        await cue('return')
        jumpClock(0)
        logAt(10)
        await cue('end')
        logAt(10)`,
      )
      receiver.setAnswer(UNAVAILABLE)
      for (const [i, cue] of ['jump', 'return', 'end'].entries()) {
        await receiver.waitForRequests(i + 1)
        await pause(ANSWERED_MILLIS)
        app.write(`${cue}\n`)
      }
      receiver.setAnswer({})
      await expectAllOf(app, receiver, 40)
      const drifts = receiver.records.map(({ timeUnixNano, attributes }) =>
        Math.abs(Number(timeUnixNano / 1_000_000n) - Number(attributes['at'])),
      )
      expect([mode, Math.max(...drifts) < TOLERANCE_MILLIS]).toEqual([mode, true])
      const gaps = gapsOf(receiver).slice(0, WAITS.length)
      figure('F34', `${mode}, ${jump > 0 ? '+' : '-'}1 year`, { gapsMillis: gaps.join(' ') })
      for (const [i, [shortest, longest]] of WAITS.entries()) {
        expect([mode, gaps, gaps[i]! >= shortest && gaps[i]! <= longest + LATE_MILLIS]).toEqual([mode, gaps, true])
      }
    })
  },
)

test('F34: an app that is suspended in an outage asks soon after it goes on, in every mode, and loses and doubles nothing', async () => {
  await inAllModes(async (mode) => {
    const { app, receiver } = await start(mode, { scheduledDelayMillis: 100 }, `logAt(10); await cue('end'); logAt(10)`)
    receiver.setAnswer(UNAVAILABLE)
    await receiver.waitForRequests(2)
    await pause(ANSWERED_MILLIS)
    app.kill('SIGSTOP')
    await pause(SUSPENDED_MILLIS)
    receiver.setAnswer({})
    const before = receiver.requests.length
    const continuedAt = performance.now()
    app.kill('SIGCONT')
    await receiver.waitForRecords(10)
    const askedAfterMillis = Math.round(receiver.requests[before]!.at - continuedAt)
    figure('F34', `${mode}, suspended in an outage`, { askedAfterMillis })
    // The wait was over while it was suspended.
    expect([mode, askedAfterMillis < LATE_MILLIS]).toEqual([mode, true])
    app.write('end\n')
    await expectAllOf(app, receiver, 20)
  })
})

test('F34: an app that is suspended, in every mode, while its request is answered takes the answer when it goes on', async () => {
  await inAllModes(async (mode) => {
    const { app, receiver } = await start(
      mode,
      { scheduledDelayMillis: 100, timeoutMillis: SUSPENDED_MILLIS / 2 },
      `logAt(10); await cue('end')`,
    )
    receiver.setAnswer(() => {
      app.kill('SIGSTOP')
      setTimeout(() => app.kill('SIGCONT'), SUSPENDED_MILLIS)
      return {}
    })
    await receiver.waitForRecords(10)
    await pause(SUSPENDED_MILLIS)
    app.write('end\n')
    await expectAllOf(app, receiver, 10)
    expect([mode, receiver.requests.length]).toEqual([mode, 1])
  })
})

function inAllModes(act: (mode: LoggingMode) => Promise<void>): Promise<unknown> {
  return Promise.all(LOGGING_MODES.map(act))
}

async function start(mode: LoggingMode, options: object, source: string): Promise<{ app: App; receiver: Receiver }> {
  const receiver = await startReceiver()
  receivers.push(receiver)
  const fields = '{ seq, text: textOf(seq, 60), at: Date.now() }'
  const logAt = `function logAt(count) {
    for (let i = 0; i < count; i++) {
      const seq = __logged++
      ${mode === 'winston' ? `logger.info('line', ${fields})` : `logger.info(${fields}, 'line')`}
    }
  }`
  const app = startApp(
    loggingApp({ mode, options: { endpoint: receiver.endpoint, ...options }, source: `${logAt}\n${source}` }),
    { resolveFrom: join(__dirname, '../..'), execArgv: [`--import=${CLOCK}`], keepInput: true },
  )
  return { app, receiver }
}

/** The app ends well, and its lines have arrived, each once and in order. */
async function expectAllOf(app: App, receiver: Receiver, lines: number): Promise<void> {
  const { code } = await app.done
  const tally = new Tally()
  tally.add(receiver.records)
  const { delivered, duplicates, mismatches, disordered } = tally.count
  expect({ code, delivered, duplicates, mismatches, disordered }).toEqual({
    ...{ code: 0, delivered: lines },
    ...{ duplicates: 0, mismatches: 0, disordered: 0 },
  })
}

/** Milliseconds from each request to the next. */
function gapsOf({ requests }: Receiver): number[] {
  return requests.slice(1).map(({ at }, i) => Math.round(at - requests[i]!.at))
}
