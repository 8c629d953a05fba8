// The end of an app that ends itself, in every mode: at once and before its transport is ready, and while the collector
// hangs. What was logged is delivered or counted, in the time that is promised, and the app's exit code is its own.

import { LOGGING_MODES, type Receiver, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { END, lastCue, LATE, runFaultApp, startFaultApp } from './fault-app.ts'
import { expectCriterion, type Verdict } from './verdict.ts'

const receivers: Receiver[] = []

async function open(options: Parameters<typeof startReceiver>[0] = {}): Promise<Receiver> {
  const receiver = await startReceiver(options)
  receivers.push(receiver)
  return receiver
}

afterEach(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()))
  expect(receivers.flatMap(({ problems }) => problems)).toEqual([])
  receivers.length = 0
})

describe.each(LOGGING_MODES)('%s', (mode) => {
  test.each([
    ['one line', 1],
    ['1000 lines', 1000],
  ])(
    'F27, B10: process.exit(0) right after %s, before the transport is ready, loses nothing and takes at most 2 s',
    async (_what, lines) => {
      const receiver = await open()
      const verdict = await runFaultApp({ mode, receiver, source: `log(${lines}); ${END}; process.exit(0)` })
      tellExit('F27', `${mode}, ${lines} lines`, verdict)
      expectCriterion(verdict)
      expect(verdict).toMatchObject({ logged: lines, delivered: lines })
      expect(verdict.exitMillis).toBeLessThanOrEqual(2000)
    },
  )

  test('F27, B10: process.exit(0) right after 100 000 lines, before the transport is ready, loses nothing', async () => {
    const receiver = await open()
    const source = `log(100_000); ${END}; process.exit(0)`
    // How long a busy machine takes to receive them is no matter here.
    const options = { closeTimeoutMillis: 9000 }
    const verdict = await runFaultApp({ mode, receiver, source, options })
    tellExit('F27', `${mode}, 100000 lines`, verdict)
    expectCriterion(verdict)
    expect(verdict).toMatchObject({ logged: 100_000, delivered: 100_000 })
  })
})

// They take 5 s each, and no CPU: so all at once.
test.each([
  ['process.exit(3)', 'process.exit(3)'],
  ['a natural end', 'process.exitCode = 3'],
])(
  'F28, B10: while the collector hangs, %s comes within 5.5 s, with its code, and the exact number is said',
  async (end, source) => {
    const verdicts = await Promise.all(
      LOGGING_MODES.map(async (mode) => {
        const receiver = await open({ answer: { hang: true } })
        const { app, verdict } = startFaultApp({
          mode,
          receiver,
          source: `log(1000); await cue('end'); log(7); ${END}; ${source}`,
          options: { scheduledDelayMillis: 100 },
        })
        await receiver.waitForRequests(1)
        lastCue(app, 'end')
        return [mode, await verdict] as const
      }),
    )
    for (const [mode, verdict] of verdicts) {
      tellExit('F28', `${mode}, ${end}`, verdict)
      expectCriterion(verdict, { code: 3, lost: { shutdown: 1007 } })
      expect(verdict.ours.filter((line) => line.includes('1007 log records not delivered'))).toHaveLength(1)
      // Not at once either: a collector that is slow is given its time.
      expect(verdict.exitMillis).toBeGreaterThan(4500)
      expect(verdict.exitMillis).toBeLessThanOrEqual(5500)
    }
  },
)

test.each(LOGGING_MODES)('F28: %s keeps the end no longer than closeTimeoutMillis when that is 0', async (mode) => {
  const receiver = await open({ answer: { hang: true } })
  const source = `log(7); ${END}; process.exit(3)`
  const verdict = await runFaultApp({ mode, receiver, source, options: { ...LATE, closeTimeoutMillis: 0 } })
  tellExit('F28', `${mode}, closeTimeoutMillis 0`, verdict)
  expectCriterion(verdict, { code: 3, lost: { shutdown: 7 } })
  expect(verdict.exitMillis).toBeLessThanOrEqual(2000)
})

test.each(LOGGING_MODES)(
  'F28: of %s what a slow collector takes in time and what is said to be lost is all',
  async (mode) => {
    // Two batches of ten within the second.
    const receiver = await open({ answer: { delayMillis: 400 } })
    const source = `log(1000); ${END}; process.exit(3)`
    const options = { ...LATE, maxExportBatchSize: 100, closeTimeoutMillis: 1000 }
    const verdict = await runFaultApp({ mode, receiver, source, options })
    tellExit('F28', `${mode}, a slow collector`, verdict)
    // A request that is given up may arrive all the same: what is not known to be delivered is named.
    expectCriterion(verdict, { code: 3, lost: { shutdown: verdict.lost['shutdown']! }, maxInFlight: 100 })
    expect(verdict.lost['shutdown']! % 100).toBe(0)
    expect(verdict.delivered).toBeGreaterThanOrEqual(100)
    expect(verdict.delivered).toBeLessThanOrEqual(200)
  },
)

function tellExit(fault: string, of: string, { exitMillis, logged, delivered, duplicates }: Verdict): void {
  figure(fault, of, { exitMillis: Math.round(exitMillis), lost: logged - delivered, duplicates })
}
