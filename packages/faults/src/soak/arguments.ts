// What the soak can be told on its command line.

import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type LoggingMode, LOGGING_MODES } from '@otlp-logs/test-support'

export interface Arguments {
  help: boolean
  minutes: number
  seed: number
  mode: LoggingMode | undefined
  /** The first round. */
  from: number
  /** The only round. */
  round: number | undefined
  /** The line that is taken for lost in each round. */
  lose: number | undefined
}

const DEFAULT_MINUTES = 5

export const HELP: string = `Usage: npm run soak [-- options]

Runs apps that log, each with another transport and other options, and lets random faults befall them and their
receiver. After each round every line must have been delivered, or lost by name.

  --minutes <n>   begin no more rounds after so long (${DEFAULT_MINUTES})
  --seed <n>      chance begins here; without it, at random. It is printed first
  --mode <mode>   only one of: ${LOGGING_MODES.join(', ')}
  --round <n>     only this round of the seed
  --from <n>      begin at this round of the seed
  --lose <n>      take line n of each round for lost, to see the verdict fail
  --help

Exit code: 0 when all is conserved, 1 when not, 2 for a wrong option.
`

/** @throws Error that says what is wrong with the arguments */
export function parseArguments(args: string[]): Arguments {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      minutes: text,
      seed: text,
      mode: text,
      round: text,
      from: text,
      lose: text,
    },
  })
  const { help = false, mode } = values
  if (mode !== undefined && !LOGGING_MODES.some((one) => one === mode)) {
    throw new Error(`Expected --mode to be one of ${LOGGING_MODES.join(', ')}, got "${mode}"`)
  }
  const minutes = Number(values.minutes ?? DEFAULT_MINUTES)
  if (!(minutes > 0)) throw new Error(`Expected --minutes to be a number above 0, got "${values.minutes}"`)
  return {
    help,
    minutes,
    seed: integer('seed', values.seed) ?? randomInt(1_000_000_000),
    mode: mode as LoggingMode | undefined,
    from: integer('from', values.from) ?? 1,
    round: integer('round', values.round),
    lose: integer('lose', values.lose),
  }
}

function integer(name: string, value: string | undefined): number | undefined {
  if (value === undefined || /^\d{1,15}$/.test(value)) return value === undefined ? undefined : Number(value)
  throw new Error(`Expected --${name} to be an integer from 0 up, got "${value}"`)
}
