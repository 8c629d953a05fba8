// `npm run journal:cost`: what a journal adds to the cost of a record, on the thread that writes it, and what fsync costs.
//   --directory <path>   where the journals lie; without it, in the system's temporary folder
// Of each case the median of the rounds and the quickest are told: on a busy machine the quickest comes closest.

import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { percentile } from '../kill/judge.ts'
import { type Case, type Cost, measure } from './measure.ts'

/** At 250 bytes, what a stream hands over at once: a few lines, a tick's, and 64 KiB. */
const CHUNKS = [1, 10, 100, 256] as const
const DEPTHS = ['interval', 'batch', 'none'] as const

// Whoever read along, such as `head`, has seen enough.
process.stdout.on('error', () => process.exit(1))

const { values } = parseArgs({ options: { directory: { type: 'string' } } })

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

const median = ({ micros }: Cost): number => percentile(micros, 0.5)
const two = (value: number): string => value.toFixed(2)

async function add(cases: readonly Case[]): Promise<Map<Case, Cost>> {
  const costs = new Map<Case, Cost>()
  for (const one of cases) costs.set(one, await measure(one, values.directory))
  return costs
}

print(`${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)

print('\nOf a record, in µs, the collector healthy (median of the rounds, and the quickest in brackets):')
for (const recordsPerWrite of CHUNKS) {
  const name = recordsPerWrite === 1 ? 'on the thread of the app' : `behind a worker, ${recordsPerWrite} lines a chunk`
  const memory: Case = { name, recordsPerWrite }
  const journal: Case = { name, recordsPerWrite, fsync: 'interval' }
  const costs = await add([memory, journal])
  const [without, withOne] = [costs.get(memory)!, costs.get(journal)!]
  const [before, after] = [median(without), median(withOne)]
  const quickest = withOne.micros[0]! - without.micros[0]!
  print(
    `  ${name.padEnd(36)} in memory ${two(before)} (${two(without.micros[0]!)}), ` +
      `with a journal ${two(after)} (${two(withOne.micros[0]!)}): ${two(after - before)} (${two(quickest)}) more; ${withOne.syncMillis.length} syncs`,
  )
}

print('\nfsync, on the thread of the app:')
for (const isDown of [false, true]) {
  for (const fsync of DEPTHS) {
    const one: Case = { name: fsync, recordsPerWrite: 1, fsync, isDown }
    const cost = (await add([one])).get(one)!
    const syncs = cost.syncMillis.length
    const each = `${two(percentile(cost.syncMillis, 0.5))} ms (p50), ${two(cost.syncMillis.at(-1) ?? 0)} ms at most`
    print(
      `  ${fsync.padEnd(9)} collector ${isDown ? 'down   ' : 'healthy'} ${two(median(cost))} µs a record, ` +
        `${syncs} syncs in ${(cost.totalMillis / 1000).toFixed(1)} s${syncs > 0 ? `, each ${each}` : ''}`,
    )
  }
}
