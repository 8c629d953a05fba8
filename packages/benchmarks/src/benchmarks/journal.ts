// What it costs to write a record to the journal before it may be sent.

import { type Benchmark, inRounds } from '../benchmark.ts'
import { makeTempFolders, type TempFolders } from '../measure/temp-folders.ts'
import { runWork } from '../measure/work.ts'
import { table } from '../report/table.ts'
import type { Scale, Values } from '../results.ts'
import { rounded, type Samples, spread } from '../samples.ts'
import { atMost } from '../target.ts'

/** Lines that pino's worker reads at once: fewer where an app logs little, some hundred where it logs much. */
const CHUNK_RECORDS = 100

const WORKER = `worker, a frame for ${CHUNK_RECORDS} records`
const IN_PROCESS = 'in-process, a frame for each record'
const CONTENDERS = ['memory', 'journal'] as const

interface Case {
  condition: string
  contender: (typeof CONTENDERS)[number]
}

const SETTINGS: Record<Scale, { rounds: number; records: number }> = {
  smoke: { rounds: 1, records: 1000 },
  usual: { rounds: 9, records: 100_000 },
  long: { rounds: 15, records: 200_000 },
}

export const journal: Benchmark = {
  name: 'journal',
  title: 'Journal',
  what: 'Records of the short line taken in by a pipeline in one turn of the event loop, so that nothing is sent meanwhile, with a journal and without one; the difference is what it costs to have them on disk before they may be sent. CPU time of the whole process, that of the system included.',
  profiles: [IN_PROCESS, WORKER],

  async measure({ scale, record }) {
    const { rounds, records } = SETTINGS[scale]
    const folders = makeTempFolders()
    try {
      await inRounds(cases(), rounds, async (each, at) => {
        record({ ...each, round: at, values: await one(each, records, folders) })
      })
    } finally {
      folders.remove()
    }
  },

  tell(samples) {
    const rows = samples.conditions.flatMap((condition) =>
      CONTENDERS.map((contender) => [
        condition,
        contender,
        spread(samples.all(condition, contender, micros)),
        spread(samples.all(condition, contender, 'systemMicros')),
        rounded(samples.median(condition, contender, 'bytes')),
      ]),
    )
    const costs = samples.conditions.map((condition) => [condition, spread(cost(samples, condition))])
    return [
      table(['Case', 'journal: CPU µs per record'], costs),
      table(['Case', 'Queue', 'CPU µs per record', 'of these the system', 'bytes on disk per record'], rows),
    ]
  },

  targets: (samples) => [
    atMost('Journal, in the worker: at most 0.5 µs per record', cost(samples, WORKER), 0.5, ' µs'),
    atMost('Journal, in-process: at most 3 µs per record', cost(samples, IN_PROCESS), 3, ' µs'),
  ],

  async profile(execArgv, of = IN_PROCESS) {
    const folders = makeTempFolders()
    try {
      await one({ condition: of, contender: 'journal' }, 500_000, folders, execArgv)
    } finally {
      folders.remove()
    }
  },
}

function cases(): Case[] {
  return [WORKER, IN_PROCESS].flatMap((condition) => CONTENDERS.map((contender) => ({ condition, contender })))
}

async function one(
  { condition, contender }: Case,
  records: number,
  folders: TempFolders,
  execArgv: readonly string[] = [],
): Promise<Values> {
  const folder = contender === 'journal' ? folders.next() : '-'
  const where = condition === WORKER ? 'worker' : 'in-process'
  return runWork<Values>('journal/work.ts', [folder, where, CHUNK_RECORDS, records], execArgv)
}

function micros({ userMicros, systemMicros }: Values): number {
  return userMicros! + systemMicros!
}

function cost(samples: Samples, condition: string): number[] {
  return samples.combined(condition, ['journal', 'memory'], micros, (written, kept) => written - kept)
}
