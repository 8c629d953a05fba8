// What the kill loop prints: a table, one row for each mode, and the verdict.

import { styleText } from 'node:util'
import { LOGGING_MODES } from '@otlp-logs/test-support'
import type { Arguments } from './arguments.ts'
import { IN_PROCESS, judge, lossesOf, percentile } from './judge.ts'
import type { KillReport } from './loop.ts'

const MODE_WIDTH = Math.max(...LOGGING_MODES.map(({ length }) => length))
const COLUMNS = ['kills', 'lines', 'lost p50', 'p99', 'max', 'again', 'again/kill'] as const
const COLUMN_WIDTH = 12

export function commandOf({ runs, rate, after, modes, seed, from }: Arguments): string {
  const mode = modes === IN_PROCESS ? ' --mode in-process' : modes.length === 1 ? ` --mode '${modes[0]}'` : ''
  return `npm run kill -- --runs ${runs} --rate ${rate} --after ${after}${mode} --seed ${seed} --from ${from}`
}

export function showTable(reports: readonly KillReport[]): string[] {
  const head = ''.padEnd(MODE_WIDTH) + COLUMNS.map((name) => name.padStart(COLUMN_WIDTH)).join('')
  return [styleText('bold', head), ...reports.map(rowOf)]
}

function rowOf(report: KillReport): string {
  const { plan, killed, lines, duplicates } = report
  const lost = lossesOf(report)
  const cells = [killed.length, lines, percentile(lost, 0.5), percentile(lost, 0.99), lost.at(-1) ?? 0, duplicates]
  const perKill = (duplicates / Math.max(1, killed.length)).toFixed(1)
  return (
    plan.mode.padEnd(MODE_WIDTH) + [...cells.map(number), perKill].map((cell) => cell.padStart(COLUMN_WIDTH)).join('')
  )
}

export function showVerdict(reports: readonly KillReport[]): string[] {
  const broken = reports.filter((report) => judge(report).length > 0)
  if (broken.length === 0) return [styleText('green', 'held: nothing is lost that had reached the journal')]
  return broken.map((report) => styleText('red', `${report.plan.mode}: ${judge(report).join('; ')}`))
}

function number(n: number): string {
  return String(n).replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}
