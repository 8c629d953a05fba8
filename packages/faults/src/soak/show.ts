// What the soak prints: a line for each round, its violations beneath, and one table at the end.

import { styleText } from 'node:util'
import { LOGGING_MODES } from '@otlp-logs/test-support'
import type { Arguments } from './arguments.ts'
import type { Evidence } from './evidence.ts'
import { type ByReason, textOfLosses, totalOf } from './losses.ts'
import type { Plan } from './plan.ts'

export interface Round {
  evidence: Evidence
  violations: string[]
  millis: number
}

const MODE_WIDTH = Math.max(...LOGGING_MODES.map(({ length }) => length))
const COUNT_WIDTH = 10

export function print(...lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** What repeats a round, or a whole soak. */
export function commandOf({ seed, mode }: Pick<Arguments, 'seed' | 'mode'>, more: string): string {
  return `npm run soak -- --seed ${seed}${mode === undefined ? '' : ` --mode '${mode}'`}${more}`
}

export function showRound({ evidence, violations, millis }: Round): string {
  const { plan, logged, arrived, losses } = evidence
  const { delivered, duplicates } = arrived
  const mark = violations.length === 0 ? styleText('green', 'ok') : styleText('red', 'NO')
  const twice = duplicates === 0 ? '' : `, ${number(duplicates)} again`
  const lost = losses.total === 0 ? '' : `, lost ${textOfLosses(losses.byReason)}`
  return (
    `${String(plan.round).padStart(5)} ${mark} ${plan.mode.padEnd(MODE_WIDTH)} ${number(logged).padStart(7)} lines, ` +
    `${number(delivered).padStart(7)} delivered${twice}${lost}  ${styleText('dim', `${storyOf(plan)} ${seconds(millis)}`)}`
  )
}

/** All that helps to find out why. */
export function showViolations({ evidence, violations }: Round, args: Arguments): string[] {
  const { plan, result, arrived, losses, requests } = evidence
  const { options, steps, faults, end, journal } = plan
  return [
    ...violations.map((violation) => styleText('red', `      - ${violation}`)),
    `      again: ${commandOf(args, ` --round ${plan.round}`)}`,
    `      options ${JSON.stringify({ ...options, journal })}`,
    `      steps ${JSON.stringify(steps)}`,
    `      faults ${JSON.stringify(faults)}`,
    `      end ${JSON.stringify(end)}`,
    `      ${requests} requests; arrived ${JSON.stringify(arrived)}`,
    `      stats ${JSON.stringify(losses.stats)}`,
    ...(result?.stderr ?? '').split('\n').map((line) => `      stderr ${line}`),
  ]
}

export function showTable(rounds: readonly Round[]): string[] {
  const columns = ['rounds', 'lines', 'delivered', 'again', 'lost']
  const rows = LOGGING_MODES.flatMap((mode) => {
    const own = rounds.filter(({ evidence }) => evidence.plan.mode === mode)
    return own.length === 0 ? [] : [rowOf(mode, own)]
  })
  return [
    styleText('bold', ''.padEnd(MODE_WIDTH) + columns.map((name) => name.padStart(COUNT_WIDTH)).join('')),
    ...rows,
    ...(rows.length > 1 ? [rowOf('all', rounds)] : []),
  ]
}

export function showVerdict(rounds: readonly Round[], args: Arguments): string[] {
  const broken = rounds.filter(({ violations }) => violations.length > 0)
  if (broken.length === 0) return [styleText('green', 'conserved: every line was delivered, or lost by name')]
  return broken.flatMap(({ evidence, violations }) => [
    styleText('red', `round ${evidence.plan.round}: ${violations.join('; ')}`),
    `  ${commandOf(args, ` --round ${evidence.plan.round}`)}`,
  ])
}

function rowOf(name: string, rounds: readonly Round[]): string {
  const sum = (count: (evidence: Evidence) => number): number =>
    rounds.reduce((total, { evidence }) => total + count(evidence), 0)
  const lost: ByReason = {}
  for (const { evidence } of rounds) {
    for (const [reason, n] of Object.entries(evidence.losses.byReason))
      lost[reason as keyof ByReason] = (lost[reason as keyof ByReason] ?? 0) + n
  }
  const counts = [
    rounds.length,
    sum(({ logged }) => logged),
    sum(({ arrived }) => arrived.delivered),
    sum(({ arrived }) => arrived.duplicates),
    totalOf(lost),
  ]
  const reasons = totalOf(lost) === 0 ? '' : `  ${textOfLosses(lost)}`
  return name.padEnd(MODE_WIDTH) + counts.map((count) => number(count).padStart(COUNT_WIDTH)).join('') + reasons
}

function storyOf({ faults, end, journal }: Plan): string {
  const names = faults.map(({ fault }) => fault.name).join('; ')
  const last = end.fault === undefined ? end.kind : `${end.kind} in ${end.fault.name}`
  return `${journal === undefined ? '' : 'with a journal: '}${[names, last].filter(Boolean).join('; ')}`
}

function number(n: number): string {
  return String(n).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}

function seconds(millis: number): string {
  return `(${(millis / 1000).toFixed(1)} s)`
}
