// Many processes that wait for the same collector: when it is back, they must not bring it down again, nor keep their new
// lines behind the old ones for long.

import {
  LOGGING_MODES,
  type ReceivedRecord,
  type ReceivedRequest,
  type Receiver,
  startReceiver,
  Tally,
} from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { startFaultApp } from './fault-app.ts'
import { expectCriterion } from './verdict.ts'

const APPS = 20
/** What each has waiting when the collector is back. */
const BACKLOG = 4000
/** What the collector can take. */
const REQUESTS_PER_SECOND = 50
/** By then the waits of all have grown to their longest. */
const FAILURES = 4
/** Lines logged in this time after the outage are judged: until all have caught up, which takes some 7 s, and beyond. */
const LIVE_MILLIS = 12_000
const SECOND = 1000

/** Those without a worker: less to start, and it is the same sender. */
const MODES = LOGGING_MODES.filter((mode) => mode === 'otlpStream' || mode === 'winston')

let receiver: Receiver
afterEach(() => receiver.close())

test('F13: twenty processes with a backlog leave a collector that is back alone enough to take it all, and new lines come within 5 s', async () => {
  const apps = Array.from({ length: APPS }, () => ({ tally: new Tally(), failures: 0, lastLoggedAt: 0, drainedAt: 0 }))
  const appOf = ({ headers }: ReceivedRequest): (typeof apps)[number] => apps[Number(headers['x-app'])]!
  let backAt = Number.POSITIVE_INFINITY
  let accepted: number[] = []
  const answers: { at: number; status: number }[] = []
  const latencies: number[] = []

  function answer(request: ReceivedRequest): { status: number } {
    const now = Date.now()
    if (backAt > now) {
      appOf(request).failures++
      return { status: 503 }
    }
    accepted = accepted.filter((at) => at > now - SECOND)
    const status = accepted.length < REQUESTS_PER_SECOND ? 200 : 429
    if (status === 200) accepted.push(now)
    answers.push({ at: now - backAt, status })
    return { status }
  }

  function onAccepted(records: ReceivedRecord[], request: ReceivedRequest): void {
    const app = appOf(request)
    const now = Date.now()
    app.tally.add(records)
    if (app.tally.count.delivered >= BACKLOG) app.drainedAt ||= now
    for (const { timeUnixNano } of records) {
      app.lastLoggedAt = Number(timeUnixNano / 1_000_000n)
      if (app.lastLoggedAt >= backAt && app.lastLoggedAt < backAt + LIVE_MILLIS) latencies.push(now - app.lastLoggedAt)
    }
  }

  receiver = await startReceiver({ keep: false, answer, onAccepted })
  const running: ReturnType<typeof startFaultApp>[] = []
  for (const [i, { tally }] of apps.entries()) {
    const started = startFaultApp({
      mode: MODES[i % MODES.length]!,
      receiver,
      tally,
      options: { headers: { 'x-app': String(i) } },
      source: `
        log(${BACKLOG})
        say('ready')
        const live = setInterval(log, 200)
        process.stdin.once('end', () => clearInterval(live)).resume()`,
      timeoutMillis: 60_000,
    })
    running.push(started)
    await started.app.stdoutLine('ready')
  }
  await receiver.waitFor(() => apps.every(({ failures }) => failures >= FAILURES), 30_000)
  backAt = Date.now()
  await receiver.waitFor(() => apps.every(({ lastLoggedAt }) => lastLoggedAt > backAt + LIVE_MILLIS), 30_000)
  for (const { app } of running) app.endInput()
  const verdicts = await Promise.all(running.map(({ verdict }) => verdict))

  const inFirstSecond = answers.filter(({ at }) => at < SECOND).length
  const refused = answers.filter(({ status }) => status === 429).length
  const p95 = latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.95)]!
  const lost = verdicts.reduce((sum, { logged, delivered }) => sum + logged - delivered, 0)
  figure('F13', `${APPS} processes`, {
    drainedMillis: Math.max(...apps.map(({ drainedAt }) => drainedAt)) - backAt,
    ...{ inFirstSecond, requests: answers.length, refused, lost },
    ...{ liveLines: latencies.length, latencyP95Millis: p95, latencyMaxMillis: Math.max(...latencies) },
  })
  for (const verdict of verdicts) expectCriterion(verdict)
  expect(inFirstSecond).toBeLessThanOrEqual(20)
  expect(refused / answers.length).toBeLessThanOrEqual(0.1)
  // Every live line of each: five a second.
  expect(latencies.length).toBeGreaterThan(APPS * 5 * (LIVE_MILLIS / SECOND) * 0.8)
  expect(p95).toBeLessThanOrEqual(5000)
}, 90_000)
