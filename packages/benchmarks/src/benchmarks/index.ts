// All benchmarks, in the order in which they run and are told.

import type { Benchmark } from '../benchmark.ts'
import { appThread } from './app-thread.ts'
import { burst } from './burst.ts'
import { encode } from './encode.ts'
import { growth } from './growth.ts'
import { journal } from './journal.ts'
import { outage } from './outage.ts'
import { startUp } from './start-up.ts'
import { wholeProcess } from './whole-process.ts'

export const BENCHMARKS: readonly Benchmark[] = [
  encode,
  appThread,
  wholeProcess,
  burst,
  outage,
  journal,
  growth,
  startUp,
]

/** @throws TypeError for a name that none has */
export function benchmarkOf(name: string | undefined): Benchmark {
  const benchmark = BENCHMARKS.find((each) => each.name === name)
  if (benchmark !== undefined) return benchmark
  const names = BENCHMARKS.map((each) => each.name).join(', ')
  throw new TypeError(`Expected the name of a benchmark (${names}), got \`${name}\``)
}

/** Those of these names; all without a name. */
export function chosen(names: readonly string[]): readonly Benchmark[] {
  return names.length === 0 ? BENCHMARKS : names.map(benchmarkOf)
}
