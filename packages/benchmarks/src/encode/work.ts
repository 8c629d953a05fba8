// One route in a process of its own, over all shapes, as an app logs lines of many: so that none is measured alone with
// code that was compiled for it only. Prints what it measured.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { pinoLine, type ShapeName, SHAPES } from '../shapes.ts'
import type { Values } from '../results.ts'
import { median } from '../samples.ts'
import { ROUTES } from './routes.ts'

const COUNTED_BATCHES = 9

const [name, ...numbers] = process.argv.slice(2) as [string, ...string[]]
const [batchLines, warmMillis, millis] = numbers.map(Number) as [number, number, number]
const names = Object.keys(SHAPES) as ShapeName[]
const lines = new Map(
  names.map((shape) => [shape, Array.from({ length: batchLines }, (_, seq) => pinoLine(shape, seq))]),
)
const encode = ROUTES[name]!([...lines.values()].flat())

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** CPU microseconds, and what came of it, for so long. */
function work(batch: readonly string[], forMillis: number): { micros: number; records: number; bytes: number } {
  const until = performance.now() + forMillis
  const before = process.cpuUsage()
  let records = 0
  let bytes = 0
  do {
    bytes += encode(batch)
    records += batch.length
  } while (performance.now() < until)
  const { user, system } = process.cpuUsage(before)
  return { micros: user + system, records, bytes }
}

/** The median of some batches, as a collection may come in the midst of one. */
function allocatedBytes(batch: readonly string[]): number {
  const allocated = Array.from({ length: COUNTED_BATCHES }, () => {
    collect()
    const before = process.memoryUsage()
    encode(batch)
    const after = process.memoryUsage()
    return after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  })
  return median(allocated) / batch.length
}

for (let i = 0; i < 3; i++) for (const shape of names) work(lines.get(shape)!, warmMillis / names.length / 3)
const measured: Record<string, Values> = {}
for (const shape of names) {
  const batch = lines.get(shape)!
  const { micros, records, bytes } = work(batch, millis)
  measured[shape] = {
    micros: micros / records,
    bytes: bytes / records,
    lineBytes: Buffer.byteLength(batch.join('')) / batch.length,
    allocatedBytes: allocatedBytes(batch),
  }
}
process.stdout.write(JSON.stringify(measured))
