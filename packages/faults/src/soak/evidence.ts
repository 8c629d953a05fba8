// What is known of a round when it is over: what was logged, what arrived and how surely, what the app said it lost, and
// how it ended.

import { type AppResult, saidBy } from '@otlp-logs/test-support'
import type { SaidFlush } from './app.ts'
import { type Endpoint, LAST_MILLIS } from './endpoint.ts'
import type { Arrived } from './ledger.ts'
import { type Losses, lossesOf } from './losses.ts'
import type { Plan } from './plan.ts'

/** The back-off, a slow start and a busy machine. */
export const ALIVE_MILLIS = 20_000
/** An app that gives up may have had an answer under way. */
const GIVE_UP_MILLIS = 1000
/** By so much the clocks of two processes may differ. */
const CLOCKS_MILLIS = 10

export interface Evidence {
  plan: Plan
  logged: number
  arrived: Arrived
  losses: Losses
  /** Each flush that was complete: how many lines were before it, and how many of these had arrived or were lost by then. */
  flushes: { before: number; accounted: number }[]
  /** Undefined where it was not looked for. */
  isAlive: boolean | undefined
  /** How the app ended; undefined when it had to be killed. */
  result: AppResult | undefined
  /** From the app's decision to end. */
  endMillis: number
  requests: number
  problems: string[]
  /** What is wrong with how the rest of a journal was delivered. */
  inheritance: string[]
}

/** What the round knows by itself. */
type Known = Pick<Evidence, 'isAlive' | 'result' | 'logged' | 'inheritance'> & { endedAt: number }

export function evidenceOf(plan: Plan, { ledger, requests, problems }: Endpoint, known: Known): Evidence {
  const { mode, end } = plan
  const { endedAt, result = { stdout: '', stderr: '', code: null, signal: null, millis: 0 } } = known
  const losses = lossesOf(result)
  const [endingAt = endedAt] = saidBy<number>(result, 'ending')
  const terminated = saidBy<number>(result, 'terminated')
  for (const [i, from] of saidBy<number>(result, 'terminating').entries()) {
    ledger.doubtUnderWay(from - LAST_MILLIS, terminated[i])
  }
  // What was in flight when a process exits is sent again by its last worker.
  const isInProcess = mode === 'otlpStream' || mode === 'winston'
  if (end.kind === 'process.exit' && isInProcess) ledger.expectRepeats(endingAt - LAST_MILLIS)
  if ((losses.byReason.shutdown ?? 0) > 0) ledger.doubt(endedAt - GIVE_UP_MILLIS)
  const flushes = saidBy<SaidFlush>(result, 'flush')
    .filter(({ complete }) => complete)
    .map(({ before, dropped, at }) => ({ before, accounted: ledger.countUntil(at + CLOCKS_MILLIS, before) + dropped }))
  const arrived = ledger.close()
  return { ...known, plan, arrived, losses, flushes, endMillis: endedAt - endingAt, requests, problems }
}
