// Nobody listens at the collector's port for a while, and an app that logs evenly all the time: nothing is lost or doubled,
// and soon after the collector is back all is there, and new lines arrive as ever.

import { LOGGING_MODES, startReceiverProcess, type LoggingMode, type ReceiverProcess } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { judge, startLoadApp } from './load-app.ts'

/** A minute with FAULTS_FULL=1; in CI a sixth of it, after which the waits are as long as they get. */
const OUTAGE_MILLIS = process.env['FAULTS_FULL'] ? 60_000 : 10_000
const PER_SECOND = 2000
/** For a backlog to be delivered, from the moment at which the collector is back. */
const MAX_DRAIN_MILLIS = 10_000
/** The longest wait, and what a busy machine may add. */
const MAX_WAIT_MILLIS = 5500

let open: ReceiverProcess[] = []

afterEach(async () => {
  await Promise.all(open.map((receiver) => receiver.close()))
  open = []
})

// All at once, as most of it is waiting.
test(
  `F01: after ${OUTAGE_MILLIS / 1000} s without a collector, at 2000 lines a second, all is delivered within 10 s in every mode, each line once`,
  async () => {
    await Promise.all(LOGGING_MODES.map(outageOf))
  },
  OUTAGE_MILLIS + 60_000,
)

async function outageOf(mode: LoggingMode): Promise<void> {
  const port = await freePort()
  const app = startLoadApp({
    mode,
    endpoint: `http://127.0.0.1:${port}`,
    source: `
      await pace(${PER_SECOND}, ${OUTAGE_MILLIS})
      say('backlog', __logged)
      let isOver = false
      void cue('end').then(() => (isOver = true))
      while (!isOver) await pace(${PER_SECOND}, 100)
      sayStats()`,
    timeoutMillis: OUTAGE_MILLIS + 60_000,
  })
  const backlog = Number((await app.stdoutLine('backlog')).split(' ')[1])
  const receiver = await startReceiverProcess({ port })
  open.push(receiver)
  const backAt = Date.now()
  await receiver.waitForDelivered(backlog, 3 * MAX_DRAIN_MILLIS)
  const drainedAfterMillis = Date.now() - backAt
  app.write('end\n')
  const { logged, delivered } = await judge(app, receiver)
  const { requestTimes, requests } = await receiver.tally()
  const askedAfterMillis = Math.max(0, requestTimes[0]! - backAt)
  figure('F01', `${mode}, nobody listens for ${OUTAGE_MILLIS / 1000} s`, {
    ...{ backlog, logged, lost: logged - delivered, askedAfterMillis, drainedAfterMillis, requests },
  })
  expect({ mode, logged, backlog }).toEqual({ mode, logged: delivered, backlog: (PER_SECOND * OUTAGE_MILLIS) / 1000 })
  expect([mode, drainedAfterMillis <= MAX_DRAIN_MILLIS, drainedAfterMillis]).toEqual([mode, true, drainedAfterMillis])
  expect([mode, askedAfterMillis <= MAX_WAIT_MILLIS, askedAfterMillis]).toEqual([mode, true, askedAfterMillis])
  const { stderr } = await app.done
  expect(stderr.split('\n')).toEqual([expect.stringContaining('ECONNREFUSED'), ''])
}

/** A port at which nobody listens: one that was just given back. */
async function freePort(): Promise<number> {
  const receiver = await startReceiverProcess()
  await receiver.close()
  return receiver.port
}
