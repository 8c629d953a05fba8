// F18: whatever has become of the bytes of a dead process's folder, what was not touched arrives, and nothing else.
// FC_RUNS=... damages more folders, FC_SEED=... begins with another one.

import { decodeSegmentHeader, readFrames } from '../src/segment.ts'
import { JournalBench, KEY_FOLDER, settled, type World } from './journal-bench.ts'
import { MemoryDisk } from './journal-disk.ts'
import { idsOf } from './journal-records.ts'
import { randomOf } from './journal-random.ts'

const SEEDS = Number(process.env['FC_RUNS'] ?? 10_000)
const FIRST_SEED = Number(process.env['FC_SEED'] ?? 1)
const BLOCK_BYTES = 4096

interface Frame {
  name: string
  start: number
  end: number
  ids: number[]
}

/** A folder as a killed process leaves it: some records delivered, each frame of a few. */
interface Left {
  world: World
  name: string
  files: Record<string, Buffer>
  frames: Frame[]
  delivered: number
}

function left(frames: number, segmentBytes: number, bytes: number): Left {
  const bench = new JournalBench({ segmentBytes })
  for (let i = 0; i < frames; i++) bench.write(1 + (i % 4), bytes, { together: true, scopeId: (i >> 2) % 3 })
  const delivered = frames >> 2
  bench.deliver(delivered)
  bench.kill()
  const files = bench.disk.files(bench.folder)
  const found = Object.entries(files).flatMap(([name, slab]): Frame[] => {
    if (!name.endsWith('.seg')) return []
    let start = decodeSegmentHeader(slab)!.end
    return [...readFrames(slab, start)].flatMap((each): Frame[] => {
      const frame = { name, start, end: each.end, ids: each.kind === 'records' ? idsOf([{ ...each, slab }]) : [] }
      start = each.end
      return each.kind === 'records' ? [frame] : []
    })
  })
  return { world: bench.world, name: bench.name, files, frames: found, delivered }
}

/** What was done to a folder: to which bytes of which file. */
interface Damage {
  name: string
  start: number
  end: number
}

/** A copy of the folder that something has happened to. */
interface Damaged {
  files: Record<string, Buffer>
  /** Files that no journal has made. */
  foreign: Record<string, Buffer>
  damage: Damage | undefined
}

const FOREIGN_NAMES = [
  '0.seg',
  '00000001.seg~',
  '.hidden',
  'core.1234',
  '00000003.segment',
  'sub/00000001.seg',
] as const

function damaged({ files }: Left, random: () => number): Damaged {
  const below = (end: number): number => Math.floor(random() * end)
  const names = Object.keys(files).filter((name) => name.endsWith('.seg') || (name === 'cur' && random() < 0.5))
  const name = names[below(names.length)]!
  const bytes = Buffer.from(files[name]!)
  const result = (to: Buffer, start: number, end = to.length): Damaged => {
    return { files: { ...files, [name]: to }, foreign: {}, damage: { name, start, end } }
  }
  const kind = random()
  if (kind < 0.45) {
    const at = below(bytes.length)
    bytes[at]! ^= 1 + below(255)
    return result(bytes, at, at + 1)
  }
  if (kind < 0.75) {
    const start = below(Math.ceil(bytes.length / BLOCK_BYTES)) * BLOCK_BYTES
    const end = Math.min(bytes.length, start + BLOCK_BYTES)
    return result(bytes.fill(0, start, end), start, end)
  }
  if (kind < 0.8) {
    bytes.writeUInt16LE(2 + below(60_000), 8)
    return result(bytes, 0)
  }
  if (kind < 0.85) return result(Buffer.alloc(0), 0, bytes.length)
  if (kind < 0.9) {
    const length = below(bytes.length)
    return result(bytes.subarray(0, length), length, bytes.length)
  }
  const strange = FOREIGN_NAMES[below(FOREIGN_NAMES.length)]!
  const content = Buffer.from(Array.from({ length: below(3000) }, () => below(256)))
  return { files, foreign: { [strange]: content }, damage: undefined }
}

interface Recovered {
  ids: number[]
  /** The files that are left, by the last part of their names. */
  after: Record<string, Buffer>
}

/** Opens a damaged copy of the folder, and gives what arrives of it. */
async function recover({ world, name }: Left, { files, foreign }: Damaged): Promise<Recovered> {
  const disk = new MemoryDisk()
  for (const [file, content] of Object.entries({ ...files, ...foreign }))
    disk.put(`${KEY_FOLDER}/${name}/${file}`, content)
  const heir = new JournalBench({ world, disk })
  await settled()
  const ids = heir.deliverAll()
  const after = Object.fromEntries(
    Object.entries(disk.files(KEY_FOLDER)).map(([path, bytes]) => [path.split('/').at(-1), bytes]),
  )
  heir.journal.giveUp()
  return { ids, after }
}

/** How many of the records that the damage has not touched should have arrived, and did. Throws where others did. */
function judge(
  { frames, delivered }: Left,
  damage: Damage | undefined,
  ids: number[],
): { untouched: number; arrived: number } {
  const got = new Set(ids)
  if (got.size < ids.length) throw new Error('a record arrived twice')
  const all = new Set(frames.flatMap((frame) => frame.ids))
  for (const id of ids) if (!all.has(id)) throw new Error(`a record arrived that was never written: ${id}`)
  const isTouched = ({ name, start, end }: Frame): boolean =>
    damage !== undefined && damage.name === name && damage.start < end && damage.end > start
  const untouched = frames.filter((frame) => !isTouched(frame)).flatMap((frame) => frame.ids)
  const due = untouched.filter((id) => id >= delivered)
  return { untouched: due.length, arrived: due.filter((id) => got.has(id)).length }
}

describe('F18: the folder of a dead process', () => {
  it('gives up the frame and no more where one byte of it is another, whichever that is', async () => {
    const folder = left(10, 400, 20)
    for (const [name, content] of Object.entries(folder.files)) {
      for (let at = 0; at < content.length; at++) {
        for (const mask of [0x01, 0xff]) {
          const copy = Buffer.from(content)
          copy[at]! ^= mask
          // The version says that all else may mean something else.
          const isVersion = name.endsWith('.seg') && (at === 8 || at === 9)
          const damage = { name, start: isVersion ? 0 : at, end: isVersion ? content.length : at + 1 }
          const { ids } = await recover(folder, { files: { ...folder.files, [name]: copy }, foreign: {}, damage })
          const { untouched, arrived } = judge(folder, damage, ids)
          expect([name, at, arrived]).toEqual([name, at, untouched])
        }
      }
    }
  })

  it(
    'arrives but for what was touched, and nothing else, in thousands of cases of damage',
    async () => {
      const folder = left(90, 16 * 1024, 400)
      const sum = { untouched: 0, arrived: 0 }
      for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
        const one = damaged(folder, randomOf(seed))
        const { ids, after } = await recover(folder, one)
        const { untouched, arrived } = judge(folder, one.damage, ids)
        if (ids.some((id, i) => i > 0 && id < ids[i - 1]!)) throw new Error(`seed ${seed}: not in order`)
        for (const [path, content] of Object.entries(one.foreign)) {
          if (!after[path.split('/').at(-1)!]?.equals(content)) throw new Error(`seed ${seed}: ${path} was touched`)
        }
        sum.untouched += untouched
        sum.arrived += arrived
      }
      expect(sum.arrived / sum.untouched).toBeGreaterThanOrEqual(0.999)
    },
    60_000 + 20 * SEEDS,
  )
})
