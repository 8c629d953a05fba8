// What the kill loop can be told on its command line.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type LoggingMode, LOGGING_MODES } from '@otlp-logs/test-support'
import { IN_PROCESS } from './judge.ts'

export interface Arguments {
  help: boolean
  runs: number
  /** Lines a second. */
  rate: number
  /** Milliseconds from the first line to the earliest kill. */
  after: number
  modes: readonly LoggingMode[]
  seed: number
  /** The first kill of each mode. */
  from: number
}

const DEFAULT_RUNS = 200
const DEFAULT_RATE = 2000

export const HELP: string = `Usage: npm run kill [-- options]

Starts processes that log with a journal, kills each with SIGKILL after up to 300 ms, and lets the next ones deliver what
it left. In the end every line whose log call had returned must have arrived; behind pino's worker, every line that had
reached the worker: how many had not is counted.

  --runs <n>      so many kills (${DEFAULT_RUNS}), shared out among the modes
  --from <n>      leave out so many kills of each mode (0): goes on where a run with that seed was stopped
  --rate <n>      lines a second in each process (${DEFAULT_RATE})
  --after <ms>    kill no process earlier than so long after its first line (0), so that its code is warm
  --mode <mode>   only one of: in-process (those on the thread of the app), ${LOGGING_MODES.join(', ')}
  --seed <n>      chance begins here; without it, at random. It is printed first
  --help

Exit code: 0 when nothing is lost that must not be, 1 when something is, 2 for a wrong option.
`

/** @throws Error that says what is wrong with the arguments */
export function parseArguments(args: string[]): Arguments {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      runs: text,
      from: text,
      rate: text,
      after: text,
      mode: text,
      seed: text,
    },
  })
  const { help = false, mode } = values
  const modes = mode === 'in-process' ? IN_PROCESS : LOGGING_MODES.filter((one) => mode === undefined || one === mode)
  if (modes.length === 0) {
    throw new Error(`Expected --mode to be in-process or one of ${LOGGING_MODES.join(', ')}, got "${mode}"`)
  }
  return {
    help,
    modes,
    runs: integer('runs', values.runs, 1) ?? DEFAULT_RUNS,
    rate: integer('rate', values.rate, 1) ?? DEFAULT_RATE,
    after: integer('after', values.after, 0) ?? 0,
    seed: integer('seed', values.seed, 0) ?? randomInt(1_000_000_000),
    from: integer('from', values.from, 0) ?? 0,
  }
}

function integer(name: string, value: string | undefined, least: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value) && Number(value) >= least) return Number(value)
  throw new Error(`Expected --${name} to be an integer from ${least} up, got "${value}"`)
}
