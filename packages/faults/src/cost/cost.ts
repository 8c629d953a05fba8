// `npm run journal:cost`: what each way to bring a journal to the device costs, on the thread that writes it and on the disk.
// What a journal costs at all is measured by `npm run bench`.
//   --directory <path>   where the journals lie; without it, in the system's temporary folder
// Of each case the median of the rounds is told, and the quickest: on a busy machine that comes closest. It is CPU time, that of
// the system included; how long a sync takes is not, as nobody waits for it.

import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { percentile } from '../kill/judge.ts'
import { type Case, measure } from './measure.ts'

/** One record at a time, as on the thread of the app, and so many, as behind a worker. */
const RECORDS_PER_WRITE = [1, 100] as const
const FSYNC = [undefined, 'none', 'interval', 'batch'] as const

// Whoever read along, such as `head`, has seen enough.
process.stdout.on('error', () => process.exit(1))

const { values } = parseArgs({ options: { directory: { type: 'string' } } })

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

const two = (value: number | undefined): string => (value ?? 0).toFixed(2)

async function tell({ fsync, recordsPerWrite, isDown }: Case): Promise<void> {
  const { micros, syncMillis, totalMillis } = await measure({ fsync, recordsPerWrite, isDown }, values.directory)
  const perSecond = syncMillis.length / (totalMillis / 1000)
  const each = `, ${two(percentile(syncMillis, 0.5))} ms each (p50), ${two(syncMillis.at(-1))} ms at most`
  print(
    `  ${(fsync ?? 'in memory').padEnd(10)} ${two(percentile(micros, 0.5)).padStart(6)} µs of CPU a record ` +
      `(${two(micros[0])}), ${perSecond.toFixed(1)} syncs a second${syncMillis.length > 0 ? each : ''}`,
  )
}

print(`${cpus()[0]?.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
for (const recordsPerWrite of RECORDS_PER_WRITE) {
  for (const isDown of [false, true]) {
    print(`\n${recordsPerWrite} written at a time, the collector ${isDown ? 'down' : 'healthy'}:`)
    for (const fsync of FSYNC) await tell({ fsync, recordsPerWrite, isDown })
  }
}
