// What a record costs as records grow, and as more of them wait.

import { type Benchmark, inRounds } from '../benchmark.ts'
import { runWork } from '../measure/work.ts'
import { Receiver } from '../receiver/receiver-process.ts'
import { table } from '../report/table.ts'
import type { Scale, Values } from '../results.ts'
import { rounded, type Samples, spread } from '../samples.ts'
import { atMost } from '../target.ts'

const KB = 1000
const MB = 1_000_000
/** Of a record, for the backlogs. */
const BACKLOG_LINE_BYTES = KB

interface Case {
  kind: 'records' | 'backlog'
  condition: string
  lineBytes: number
  totalBytes: number
}

const SETTINGS: Record<Scale, { rounds: number; sizes: number[]; sizeBytes: number; backlogs: number[] }> = {
  smoke: { rounds: 1, sizes: [100, 100_000], sizeBytes: MB / 4, backlogs: [MB / 4] },
  usual: {
    rounds: 3,
    sizes: [100, 300, KB, 3 * KB, 10 * KB, 100 * KB],
    sizeBytes: 12 * MB,
    backlogs: [1, 4, 16, 64, 256],
  },
  long: {
    rounds: 7,
    sizes: [100, 300, KB, 3 * KB, 10 * KB, 100 * KB],
    sizeBytes: 96 * MB,
    backlogs: [1, 4, 16, 64, 256],
  },
}

export const growth: Benchmark = {
  name: 'growth',
  title: 'Growth',
  what: "Lines of pino's form, written straight into `otlpStream` in a process that does nothing else, with a queue that is long enough. First the lines grow, and are sent as they come; then lines of 1 kB are written in one tick, so that a backlog of so many bytes waits, and is sent afterwards.",
  profiles: ['records of 100 B', 'records of 10 kB', 'backlog of 64 MB'],

  async measure({ scale, record }) {
    const { rounds } = SETTINGS[scale]
    await inRounds(casesOf(scale), rounds, async (each, at) => {
      const values = await one(each)
      record({ condition: each.condition, contender: 'otlpStream', round: at, values })
    })
  },

  tell(samples) {
    const sizes = samples.conditions.filter((condition) => condition.startsWith('records'))
    const backlogs = samples.conditions.filter((condition) => condition.startsWith('backlog'))
    const perRecord = ({ writingMicros, sendingMicros }: Values): number => writingMicros! + sendingMicros!
    const sizeRows = sizes.map((condition) => [
      condition,
      spread(samples.all(condition, 'otlpStream', perRecord)),
      rounded(samples.median(condition, 'otlpStream', (values) => (perRecord(values) * KB) / values['lineBytes']!)),
      rounded(samples.median(condition, 'otlpStream', 'lost')),
    ])
    const backlogRows = backlogs.map((condition) => [
      condition,
      spread(samples.all(condition, 'otlpStream', 'writingMicros')),
      spread(samples.all(condition, 'otlpStream', 'sendingMicros')),
      rounded(samples.median(condition, 'otlpStream', 'lost')),
      spread(samples.all(condition, 'otlpStream', 'rssMib')),
    ])
    return [
      table(['Case', 'CPU µs per record', 'CPU µs per kB', 'lost'], sizeRows),
      table(
        ['Case', 'written: CPU µs per record', 'sent: CPU µs per record', 'lost', 'RSS with the backlog, MiB'],
        backlogRows,
      ),
    ]
  },

  targets: (samples) => [
    atMost(
      'Cost per record with a backlog of 256 MB: at most 1.25 times that with 4 MB',
      ratio(samples, 'backlog of 256 MB', 'backlog of 4 MB'),
      1.25,
    ),
    atMost(
      'Cost per byte of records of 100 kB: at most that of records of 1 kB',
      ratioPerByte(samples, 'records of 100 kB', 'records of 1 kB'),
      1,
    ),
  ],

  async profile(execArgv, of = 'records of 100 B') {
    const each = [...casesOf('usual')].find(({ condition }) => condition === of)!
    await one(each, execArgv)
  },
}

function casesOf(scale: Scale): Case[] {
  const { sizes, sizeBytes, backlogs } = SETTINGS[scale]
  return [
    ...sizes.map((lineBytes): Case => ({
      kind: 'records',
      condition: `records of ${shown(lineBytes)}`,
      lineBytes,
      totalBytes: sizeBytes,
    })),
    ...backlogs.map((megabytes): Case => {
      const totalBytes = scale === 'smoke' ? megabytes : megabytes * MB
      return {
        kind: 'backlog',
        condition: `backlog of ${shown(totalBytes)}`,
        lineBytes: BACKLOG_LINE_BYTES,
        totalBytes,
      }
    }),
  ]
}

function shown(bytes: number): string {
  if (bytes >= MB) return `${bytes / MB} MB`
  return bytes >= KB ? `${bytes / KB} kB` : `${bytes} B`
}

async function one({ kind, lineBytes, totalBytes }: Case, execArgv: readonly string[] = []): Promise<Values> {
  const receiver = await Receiver.start()
  try {
    const args = [kind, receiver.endpoint, lineBytes, totalBytes]
    const measured = await runWork<Record<string, number>>('growth/work.ts', args, execArgv)
    const { within } = await receiver.received({ first: 0, count: measured['count']! })
    return { ...measured, lineBytes, lost: measured['count']! - within }
  } finally {
    await receiver.end()
  }
}

function ratio(samples: Samples, large: string, small: string): number[] {
  const cost = (condition: string): Map<number, number> =>
    samples.figures(condition, 'otlpStream', ({ writingMicros, sendingMicros }) => writingMicros! + sendingMicros!)
  const least = cost(small)
  return [...cost(large)].flatMap(([at, most]) => (least.has(at) ? [most / least.get(at)!] : []))
}

function ratioPerByte(samples: Samples, large: string, small: string): number[] {
  const bytes = (condition: string): number => samples.median(condition, 'otlpStream', 'lineBytes')
  return ratio(samples, large, small).map((each) => (each * bytes(small)) / bytes(large))
}
