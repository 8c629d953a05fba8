// Segments that are cut, flipped, zeroed, empty, of another version or no segments at all, as crashes and disks leave
// them: a process that finds many of them delivers what is sound, nothing that is not, and does not stop.

import * as fs from 'node:fs'
import { join } from 'node:path'
import { saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { Random } from '../../src/soak/random.ts'
import { decodeSegmentHeader, readFrames } from '../../../core/src/segment.ts'
import { drainSource } from '../../src/kill/drain.ts'
import { LIFE_KEY } from '../../src/kill/arrivals.ts'
import { DOWN, useBench } from './journal-bench.ts'

const held = useBench()
const LINES = 8
const FULL = process.env['FAULTS_FULL'] === '1'
const DAMAGED = FULL ? 2000 : 200
const SOON = { scheduledDelayMillis: 1, maxExportBatchSize: 64 }

interface Sound {
  bytes: Buffer
  /** Where the frame of each line begins and ends. */
  frames: { start: number; end: number }[]
  life: string
}

/** A segment of a dead process; its folder is gone. */
async function soundSegment(): Promise<Sound> {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const { name } = await bench.dead('otlpStream', LINES)
  bench.receiver.setAnswer({})
  const [instance] = fs.readdirSync(bench.keyFolder)
  const folder = join(bench.keyFolder, instance!)
  const bytes = fs.readFileSync(join(folder, '00000001.seg'))
  fs.rmSync(folder, { recursive: true })
  const frames: Sound['frames'] = []
  let start = decodeSegmentHeader(bytes)!.end
  for (const found of readFrames(bytes, start)) {
    if (found.kind === 'records') frames.push({ start, end: found.end })
    start = found.end
  }
  expect(frames).toHaveLength(LINES)
  return { bytes, frames, life: name }
}

/** Puts a segment into the folder of a process that has ended. */
function leave(i: number, bytes: Buffer): void {
  const folder = join(held.bench.keyFolder, i.toString(16).padStart(16, '0'))
  fs.mkdirSync(folder)
  fs.writeFileSync(join(folder, '00000001.seg'), bytes)
  fs.writeFileSync(join(folder, 'h'), 'closed')
}

/** Lets a process find all of them. Gives how often each line came, and what it told. */
async function find({ life }: Sound): Promise<{ came: number[]; torn: number; corrupt: number }> {
  const { bench } = held
  const came = Array.from({ length: LINES }, () => 0)
  bench.onAccepted = (records) => {
    for (const { resource, attributes } of records) if (resource[LIFE_KEY] === life) came[Number(attributes['seq'])]!++
  }
  const source = `${drainSource(bench.directory, {}, [])}; sayStats()`
  const finder = bench.start('otlpStream', { source, options: SOON })
  const result = await finder.app.done
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(bench.arrivals.of(life).mismatches).toBe(0)
  const [stats] = saidBy<{ journal: { torn: number; corrupt: number } }>(result, 'stats')
  return { came, torn: stats!.journal.torn, corrupt: stats!.journal.corrupt }
}

test('F17: of segments that are cut anywhere, every whole frame is delivered, and each torn one is counted', async () => {
  const sound = await soundSegment()
  const { bytes, frames } = sound
  const step = Math.max(1, Math.floor(bytes.length / DAMAGED))
  const whole = Array.from({ length: LINES }, () => 0)
  let cuts = 0
  let torn = 0
  for (let length = step; length < bytes.length; length += step) {
    leave(++cuts, bytes.subarray(0, length))
    for (const [i, { end }] of frames.entries()) if (end <= length) whole[i]!++
    // Between two frames nothing is torn, and a cut header is no segment.
    if (frames.some(({ start, end }) => start < length && length < end)) torn++
  }
  const found = await find(sound)
  figure('F17', 'in a process', { cuts, torn: found.torn })
  expect(found.came).toEqual(whole)
  expect(found.torn).toBeGreaterThanOrEqual(torn)
})

test('F18: of segments with a byte that is wrong, every other frame is delivered, and nothing that is not what was logged', async () => {
  const sound = await soundSegment()
  const { bytes, frames } = sound
  const random = new Random(18)
  const first = frames[0]!.start
  const whole = Array.from({ length: LINES }, () => 0)
  for (let i = 1; i <= DAMAGED; i++) {
    const copy = Buffer.from(bytes)
    const at = random.integer(first, bytes.length - 1)
    copy[at]! ^= 1 << random.integer(0, 7)
    leave(i, copy)
    for (const [line, { start, end }] of frames.entries()) if (at < start || at >= end) whole[line]!++
  }
  const found = await find(sound)
  figure('F18', 'in a process', { flips: DAMAGED, corrupt: found.corrupt })
  expect(found.came).toEqual(whole)
  expect(found.torn + found.corrupt).toBe(DAMAGED)
})

test('F18: what is no segment stops nothing, and files of others stay', async () => {
  const { bench } = held
  const sound = await soundSegment()
  const { bytes } = sound
  const otherVersion = Buffer.from(bytes)
  otherVersion.writeUInt16LE(99, 8)
  const zeroed = Buffer.from(bytes)
  zeroed.fill(0, bytes.length >> 1)
  leave(1, Buffer.alloc(0))
  leave(2, otherVersion)
  leave(3, Buffer.alloc(4096))
  leave(4, Buffer.from('no segment at all'))
  leave(5, zeroed)
  leave(6, bytes)
  const folder = join(bench.keyFolder, '6'.padStart(16, '0'))
  fs.writeFileSync(join(folder, 'notes.txt'), 'mine')
  const found = await find(sound)
  expect(found.came[0]).toBe(2)
  expect(found.came.at(-1)).toBe(1)
  const notes = bench.files.find((name) => name.endsWith('notes.txt'))
  expect(fs.readFileSync(join(bench.directory, notes!), 'utf8')).toBe('mine')
})
