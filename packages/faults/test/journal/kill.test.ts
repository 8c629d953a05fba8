// kill -9 at random, again and again, in each mode: `npm run kill`, shortly. A line whose log call had returned is never
// lost on the thread of the app; behind a worker it is how many had not reached it that is told.

import { type LoggingMode, LOGGING_MODES } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { judge, lossesOf, percentile } from '../../src/kill/judge.ts'
import { killLoop, type KillPlan, type KillReport } from '../../src/kill/loop.ts'

const FULL = process.env['FAULTS_FULL'] === '1'
/** In each mode. */
const KILLS = FULL ? 100 : 50
const RATE = 2000
/** What is lost behind a worker depends on how much is under way to it. */
const FAST_KILLS = FULL ? 50 : 5
const FAST_RATE = 20_000
const SEED = 23
const WORKERS: readonly LoggingMode[] = ['pino target', 'otlpTransport']

const PLANS: readonly KillPlan[] = [
  ...LOGGING_MODES.map((mode) => ({ mode, kills: KILLS, rate: RATE, after: 0, seed: SEED })),
  ...WORKERS.map((mode) => ({ mode, kills: FAST_KILLS, rate: FAST_RATE, after: 0, seed: SEED })),
]

function tell({ plan, killed, duplicates }: KillReport): void {
  const lost = lossesOf({ killed })
  figure('F23', `${plan.mode}, ${plan.rate} lines/s`, {
    kills: killed.length,
    lostP50: percentile(lost, 0.5),
    lostMost: lost.at(-1) ?? 0,
    duplicates,
  })
}

test(
  'F23: of processes that are killed at random nothing is lost that had reached the journal, and one batch at most comes twice',
  async () => {
    // For figures, one after the other: what is lost behind a worker depends on how busy the machine is.
    const reports: KillReport[] = FULL ? [] : await Promise.all(PLANS.map((plan) => killLoop(plan)))
    if (FULL) for (const plan of PLANS) reports.push(await killLoop(plan))
    for (const report of reports) tell(report)
    const violations = reports.map((report) => [report.plan.mode, report.plan.rate, judge(report)])
    expect(violations).toEqual(PLANS.map(({ mode, rate }) => [mode, rate, []]))
  },
  FULL ? 900_000 : 400_000,
)

describe('the verdict on kills', () => {
  const fine: KillReport = {
    plan: { mode: 'otlpStream', kills: 2, rate: RATE, after: 0, seed: 1 },
    killed: [
      { logged: 10, delivered: 10 },
      { logged: 12, delivered: 12 },
    ],
    lines: 22,
    delivered: 22,
    duplicates: 0,
    mismatches: 0,
    disordered: 0,
    doubledBatches: 1,
    leftovers: [],
    problems: [],
  }

  test.each<[string, Partial<KillReport>]>([
    ['a lost line', { killed: [{ logged: 10, delivered: 9 }] }],
    ['a second batch that came twice', { doubledBatches: 2 }],
    ['a line that is not what was logged', { mismatches: 1 }],
    ['a line out of order', { disordered: 1 }],
    ['a folder that is left over', { leftovers: ['v1/0/1'] }],
    ['a request that is wrong', { problems: ['request 1: no body'] }],
  ])('F23: takes offence at %s', (_what, wrong) => {
    expect(judge(fine)).toEqual([])
    expect(judge({ ...fine, ...wrong })).toHaveLength(1)
  })

  test('F23: lets lines be lost that had not reached the worker', () => {
    expect(
      judge({ ...fine, plan: { ...fine.plan, mode: 'otlpTransport' }, killed: [{ logged: 10, delivered: 9 }] }),
    ).toEqual([])
  })
})
