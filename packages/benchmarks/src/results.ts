// What was measured, as it lies in packages/benchmarks/results.json: one sample for each contender, condition and round.
// Written by `npm run bench`, committed, and all that docs/benchmarks.md is made of.

import { readFileSync, writeFileSync } from 'node:fs'
import type { Machine } from './machine.ts'

export type Values = Readonly<Record<string, number>>

export interface Sample {
  /** What was done: a rate, a shape, a size. */
  condition: string
  contender: string
  /** Samples of one round were taken one after the other, and are compared with each other. */
  round: number
  values: Values
}

/** How much is measured: seconds of all, to see that it works; ten minutes of all; or as long as it takes. */
export type Scale = 'smoke' | 'usual' | 'long'

export interface Result {
  /** YYYY-MM-DD */
  date: string
  scale: Scale
  seconds: number
  /** Processes that wanted to run in the minute before, of the machine's own. */
  loadBefore: number
  machine: Machine
  versions: Record<string, string>
  samples: Sample[]
}

/** By the benchmark's name. */
export type Results = Record<string, Result>

export function readResults(file: string): Results {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Results
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return {}
  }
}

/** One line for each sample, as people read differences of this file. */
export function writeResults(file: string, results: Results): void {
  const entries = Object.entries(results).map(([name, { samples, ...result }]) => {
    const lines = samples.map((sample) => `      ${JSON.stringify(sample)}`)
    const head = JSON.stringify(result, null, 2)
      .replaceAll('\n', '\n  ')
      .replace(/\n {2}\}$/, '')
    return `  ${JSON.stringify(name)}: ${head},\n    "samples": [\n${lines.join(',\n')}\n    ]\n  }`
  })
  writeFileSync(file, `{\n${entries.join(',\n')}\n}\n`)
}
