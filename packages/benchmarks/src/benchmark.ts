// What a benchmark is: it measures, tells what it measured, and says which of the targets it meets.

import type { Sample, Scale } from './results.ts'
import type { Samples } from './samples.ts'
import type { Target } from './target.ts'

/** What a benchmark is given to measure with. */
export interface Run {
  scale: Scale
  /** Keeps a sample, and shows it. */
  record(sample: Sample): void
}

export interface Benchmark {
  name: string
  title: string
  /** Whole sentences: what is done, and how it is measured. */
  what: string
  measure(run: Run): Promise<void>
  /** Paragraphs and tables, in Markdown. */
  tell(samples: Samples): string[]
  targets(samples: Samples): Target[]
  /** Runs for some seconds what is worth a profile, with these options of Node's, and ends. */
  profile(execArgv: readonly string[], of: string | undefined): Promise<void>
  /** What `profile` can run; the first is what it does by default. */
  profiles: readonly string[]
}

/** The entries in another order each round, so that none has always the same neighbour. */
function rotated<T>(entries: readonly T[], round: number): T[] {
  const start = round % Math.max(1, entries.length)
  return [...entries.slice(start), ...entries.slice(0, start)]
}

/** Measures each entry once a round. */
export async function inRounds<T>(
  entries: readonly T[],
  rounds: number,
  measure: (entry: T, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const entry of rotated(entries, round)) await measure(entry, round)
  }
}
