// The verdict on kills: each sentence that comes back is a promise that was broken.

import type { LoggingMode } from '@otlp-logs/test-support'
import type { KillReport } from './loop.ts'

/** Where a line is written before its log call returns. */
export const IN_PROCESS: readonly LoggingMode[] = ['otlpStream', 'winston']

export function judge(report: KillReport): string[] {
  const { plan, mismatches, disordered, doubledBatches, leftovers, problems } = report
  const lost = lossesOf(report)
  const violations: string[] = []
  const claim = (holds: boolean, sentence: string): void => {
    if (!holds) violations.push(sentence)
  }
  const total = lost.reduce((sum, n) => sum + n, 0)
  claim(!IN_PROCESS.includes(plan.mode) || total === 0, `${total} lines are lost whose log call had returned`)
  claim(doubledBatches <= 1, `lines of ${doubledBatches} batches came twice after one kill`)
  claim(mismatches === 0, `${mismatches} lines are not what was logged`)
  claim(disordered === 0, `${disordered} lines came after a later one`)
  claim(leftovers.length === 0, `when all was delivered, there was still ${leftovers.slice(0, 5).join(', ')}`)
  claim(problems.length === 0, problems.slice(0, 3).join('; '))
  return violations
}

/** Lines lost, by kill, the least first. */
export function lossesOf({ killed }: Pick<KillReport, 'killed'>): number[] {
  return killed.map(({ logged, delivered }) => logged - delivered).toSorted((a, b) => a - b)
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
