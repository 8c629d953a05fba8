// What a server refuses for good: counted as ever, and with a journal a copy lies in dead/, which anybody can read who knows
// the format of a segment. It is never sent again.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspectJournal } from 'otlp-logs-core'
import { decodeRequest, flattenRecords, type LoggingMode, saidBy, Tally } from '@otlp-logs/test-support'
import { createProtobufEnvelope } from '../../../core/src/envelope.ts'
import type { Scope } from '../../../core/src/record.ts'
import { decodeSegmentHeader, readFrames } from '../../../core/src/segment.ts'
import type { Run } from '../../../core/src/slab.ts'
import { bytesIn } from './disk-use.ts'
import { useBench } from './journal-bench.ts'

const held = useBench()
const KIB = 1024

/** The records of a file, as a receiver would have seen them. */
function recordsIn(path: string): ReturnType<typeof flattenRecords> {
  const bytes = readFileSync(path)
  const { header, end } = decodeSegmentHeader(bytes)!
  const scopes: Scope[] = []
  const runs: Run[] = []
  for (const found of readFrames(bytes, end)) {
    if (found.kind === 'scope') scopes[found.scopeId] = found.scope
    else if (found.kind === 'records') runs.push({ ...found, slab: bytes })
    else throw new Error(`${path} is damaged`)
  }
  const { chunks } = createProtobufEnvelope(header.resource, (scopeId) => scopes[scopeId]!).payload(runs)
  return flattenRecords(decodeRequest(Buffer.concat(chunks), 'protobuf').message!, 0)
}

test.each<[LoggingMode, number]>([
  ['otlpStream', 400],
  ['winston', 403],
  ['otlpTransport', 500],
])('F08, F10: what %s is refused with %i lies in dead/, readable, and is not sent again', async (mode, status) => {
  const { bench } = held
  // The second batch is fine.
  bench.receiver.setAnswer((_request, i) => (i === 0 ? { status } : {}))
  const source = `log(100); await transport.flush(); log(7); await transport.flush(); sayStats(); process.exit(0)`
  const life = bench.start(mode, { source, options: { maxExportBatchSize: 60 } })
  const [stats] = saidBy<{ sent: number; dropped: object }>(await life.app.done, 'stats')
  expect(stats).toMatchObject({ sent: 47, dropped: { total: 60, rejected: 60 } })

  const folder = join(bench.keyFolder, 'dead')
  const records = readdirSync(folder).flatMap((name) => recordsIn(join(folder, name)))
  const tally = new Tally()
  tally.add(records)
  expect(tally.count).toMatchObject({ delivered: 60, duplicates: 0, mismatches: 0, disordered: 0 })
  expect(records[0]!.resource['app.life']).toBe(life.name)
  expect(records[0]!.scope.name).toBe(mode === 'winston' ? 'winston-otlp' : 'pino-otlp')
  const { rejected } = await inspectJournal(bench.directory)
  expect(rejected).toEqual([expect.objectContaining({ files: 1, records: 60 })])

  await bench.drain()
  expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: 47, duplicates: 0 })
  expect((await inspectJournal(bench.directory)).rejected).toEqual(rejected)
})

test('F08, F10: what a dead process left and a server refuses lies in dead/, with its own resource', async () => {
  const { bench } = held
  bench.receiver.setAnswer({ status: 503 })
  const left = await bench.dead('winston', 50)
  bench.receiver.setAnswer({ status: 400 })
  await bench.drain()
  const folder = join(bench.keyFolder, 'dead')
  const records = readdirSync(folder).flatMap((name) => recordsIn(join(folder, name)))
  expect(records).toHaveLength(50)
  expect(new Set(records.map(({ resource }) => resource['app.life']))).toEqual(new Set([left.name]))
  expect(new Set(records.map(({ scope }) => scope.name))).toEqual(new Set(['winston-otlp']))
})

test('F08, F10: dead/ takes no more than a tenth of the quota, and the oldest goes first', async () => {
  const { bench } = held
  bench.receiver.setAnswer({ status: 400 })
  const source = `for (let i = 0; i < 40; i++) { log(20, 300); await transport.flush() } sayStats(); process.exit(0)`
  const life = bench.start('otlpStream', {
    source,
    journal: { maxBytes: 500 * KIB, segmentBytes: 16 * KIB, minFreeBytes: 0 },
  })
  const [stats] = saidBy<{ dropped: object }>(await life.app.done, 'stats')
  expect(stats!.dropped).toEqual({ total: 800, rejected: 800 })
  const folder = join(bench.keyFolder, 'dead')
  expect(bytesIn(folder)).toBeGreaterThan(30 * KIB)
  expect(bytesIn(folder)).toBeLessThanOrEqual(50 * KIB)
  const seqs = readdirSync(folder).flatMap((name) =>
    recordsIn(join(folder, name)).map(({ attributes }) => attributes['seq']),
  )
  expect(seqs.at(-1)).toBe(799)
  expect(seqs).not.toContain(0)
})
