// What an app says it has lost, by name: in the transport's stats at the end, where they can be asked for, and on stderr,
// where exact numbers must stand at the end, whatever the transport.

import { type AppResult, saidBy } from '@otlp-logs/test-support'
import type { DropReason, Stats } from 'pino-otlp'

export type ByReason = Partial<Record<DropReason, number>>

export interface Losses {
  /** By the stats, or else by stderr. */
  byReason: ByReason
  total: number
  /** At the app's exit; undefined where it has no transport to ask, or was ended by a signal. */
  stats: Stats | undefined
  onStderr: ByReason
}

export function lossesOf(result: Pick<AppResult, 'stdout' | 'stderr'>): Losses {
  const stats = saidBy<Stats | null>(result, 'stats').at(-1) ?? undefined
  const onStderr = lossesOnStderr(result.stderr)
  const { total: _, ...dropped } = stats?.dropped ?? { total: 0 }
  const byReason = stats === undefined ? onStderr : dropped
  return { byReason, total: totalOf(byReason), stats, onStderr }
}

/** The last that was said of each reason holds. */
function lossesOnStderr(stderr: string): ByReason {
  const lost: ByReason = {}
  for (const line of stderr.split('\n')) {
    const soFar = / dropped \((\w+), (\d+) so far\)/.exec(line)
    if (soFar !== null) lost[soFar[1] as DropReason] = Number(soFar[2])
    const left = /: (\d+) log records? not delivered/.exec(line)
    if (left !== null) lost.shutdown = (lost.shutdown ?? 0) + Number(left[1])
    for (const [, n, reason] of (/ lost in all \((.*)\)/.exec(line)?.[1] ?? '').matchAll(/(\d+) (\w+)/g)) {
      lost[reason as DropReason] = Number(n)
    }
  }
  return lost
}

export function totalOf(byReason: ByReason): number {
  return Object.values(byReason).reduce((sum, n) => sum + n, 0)
}

/** `1000 queue_full, 7 shutdown`: the same text for the same losses. */
export function textOfLosses(byReason: ByReason): string {
  const lost = Object.entries(byReason).filter(([, n]) => n > 0)
  const parts = lost.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([reason, n]) => `${n} ${reason}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
