// Lines without a pause, to a healthy collector: 100 000 in one tick lose nothing in any mode, and of a million at full speed
// each is delivered or counted.

import {
  LOGGING_MODES,
  type LoggingMode,
  type ReceiverProcess,
  saidBy,
  startReceiverProcess,
} from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { judge, startLoadApp } from './load-app.ts'

const BURST = 100_000
const MILLION = 1_000_000

/** In CI a million by the worker and by winston: the other two modes share their parts. FAULTS_FULL=1 runs them all. */
const MILLION_MODES: readonly LoggingMode[] = process.env['FAULTS_FULL'] ? LOGGING_MODES : ['otlpTransport', 'winston']

let receiver: ReceiverProcess

beforeEach(async () => {
  receiver = await startReceiverProcess()
})

afterEach(() => receiver.close())

test.each(LOGGING_MODES)(
  'F33: of 100 000 lines in one tick by %s to a healthy collector none is lost',
  async (mode) => {
    const app = startLoadApp({ mode, endpoint: receiver.endpoint, source: burstOf(BURST) })
    await receiver.waitForDelivered(BURST, 40_000)
    app.write('end\n')
    const verdict = await judge(app, receiver)
    await tell(mode, await app.done)
    expect(verdict).toMatchObject({ logged: BURST, delivered: BURST })
  },
  60_000,
)

test.each(MILLION_MODES)(
  'F33: of a million lines at full speed by %s each is delivered, or counted as queue_full, and the sum is exact',
  async (mode) => {
    const app = startLoadApp({ mode, endpoint: receiver.endpoint, source: burstOf(MILLION), timeoutMillis: 120_000 })
    app.write('end\n')
    const verdict = await judge(app, receiver)
    await tell(mode, await app.done)
    expect(verdict.logged).toBe(MILLION)
    // What may wait is delivered at least.
    expect(verdict.delivered).toBeGreaterThan(300_000)
  },
  150_000,
)

/** Logs them all in one tick, ends when it is told to and nothing waits, and says what it cost. */
function burstOf(lines: number): string {
  return `
    const before = rss()
    const startedAt = performance.now()
    log(${lines})
    const micros = ((performance.now() - startedAt) * 1000) / ${lines}
    say('cost', { micros, grownMiB: process.memoryUsage.rss() / 1024 / 1024 - before })
    await cue('end')
    await (transport?.flush() ?? new Promise((resolve) => logger.flush(resolve)))
    sayStats()
    say('peak', process.resourceUsage().maxRSS / 1024 - before)`
}

async function tell(mode: LoggingMode, result: { stdout: string }): Promise<void> {
  const [cost] = saidBy<{ micros: number; grownMiB: number }>(result, 'cost')
  const [peakMiB] = saidBy<number>(result, 'peak')
  const { delivered } = await receiver.tally()
  const [logged] = saidBy<number>(result, 'logged')
  figure('F33', `${mode}, ${logged} lines in one tick`, {
    microsPerLine: Math.round(cost!.micros * 10) / 10,
    lost: logged! - delivered,
    grownMiB: Math.round(cost!.grownMiB),
    peakGrownMiB: Math.round(peakMiB!),
  })
}
