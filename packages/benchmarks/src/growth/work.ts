// Lines straight into `otlpStream`, without pino: what a record costs as it grows, and as more of them wait. One case in a
// process of its own: `records SIZE BYTES` or `backlog BYTES`. Prints CPU time and counts.

import { otlpStream } from 'pino-otlp'
import { numberedLine } from '../shapes.ts'

const [kind, endpoint, ...numbers] = process.argv.slice(2)
const [lineBytes, totalBytes] = numbers.map(Number) as [number, number]
/** Lines that are written and sent before anything is measured. */
const WARM_LINES = 20_000
const WARM_BYTES = 2 ** 25
/** Bytes between two turns of the event loop, where lines are sent as they come. */
const TURN_BYTES = 2 ** 16
const MIB = 2 ** 20

const stream = otlpStream({ endpoint: endpoint!, maxQueueBytes: 2 ** 30, diagnostics: 'none' })
const filler = 'x'.repeat(Math.max(0, lineBytes - 100))
let next = 0

function write(seq: number): void {
  stream.write(numberedLine(seq, filler))
}

async function written(lines: number, perTurn: number, seq: () => number): Promise<void> {
  for (let i = 0; i < lines; i++) {
    write(seq())
    if (i % perTurn === perTurn - 1) await new Promise((resolve) => setImmediate(resolve))
  }
}

async function cpuMicros(act: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await act()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

const perTurn = Math.max(1, Math.floor(TURN_BYTES / lineBytes))
await written(Math.max(50, Math.min(WARM_LINES, Math.floor(WARM_BYTES / lineBytes))), perTurn, () => -1)
await stream.flush()

const lines = Math.max(1, Math.floor(totalBytes / lineBytes))
// What waits is written in one turn: nothing can be sent meanwhile.
const writing = await cpuMicros(() =>
  written(lines, kind === 'backlog' ? Number.POSITIVE_INFINITY : perTurn, () => next++),
)
const rssMib = process.memoryUsage.rss() / MIB
const sending = await cpuMicros(() => stream.flush())
const { dropped } = stream.stats()
const perRecord = { writingMicros: writing / lines, sendingMicros: sending / lines }
process.stdout.write(JSON.stringify({ ...perRecord, rssMib, count: lines, dropped: dropped.total }))
await stream.close()
