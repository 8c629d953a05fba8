import type * as zlib from 'node:zlib'
import * as fc from 'fast-check'
import { MemoryDisk } from '../test/journal-disk.ts'
import { recordOf, RESOURCE } from '../test/journal-records.ts'
import { readSegment, segmentPath, segmentsIn } from './segment-files.ts'
import {
  decodeSegmentHeader,
  encodeScopeFrame,
  encodeSegmentHeader,
  type Found,
  FRAME_HEADER_BYTES,
  readFrames,
  recordsFrameHeader,
  type RecordsFrame,
  type SegmentHeader,
} from './segment.ts'

const HEADER: SegmentHeader = {
  encoding: 'protobuf',
  resource: RESOURCE,
  createdUnixMillis: 1_795_000_000_123,
  first: 2 ** 40 + 7,
}

function framesOf(bytes: Buffer, from = 0): Found[] {
  return [...readFrames(bytes, from)]
}

/** A frame of one record. */
function frameOf(id: number, payload: Buffer = recordOf(id, 40)): Buffer {
  return Buffer.concat([recordsFrameHeader(id, 1, 0, payload), payload])
}

/** What is in the frames of records. */
function payloadsOf(bytes: Buffer, from = 0): Buffer[] {
  const records = framesOf(bytes, from).filter((found): found is RecordsFrame => found.kind === 'records')
  return records.map(({ start, end }) => bytes.subarray(start, end))
}

function kindsOf(bytes: Buffer): string[] {
  return framesOf(bytes).map((found) => (found.kind === 'damage' ? found.what : found.kind))
}

function flipped(bytes: Buffer, at: number, mask = 0xff): Buffer {
  const copy = Buffer.from(bytes)
  copy[at]! ^= mask
  return copy
}

describe("a segment's header", () => {
  it.each(['protobuf', 'json'] as const)('comes back as it was written, for %s', (encoding) => {
    const bytes = encodeSegmentHeader({ ...HEADER, encoding })
    const { header, end } = decodeSegmentHeader(Buffer.concat([bytes, frameOf(1)]))!
    expect(header).toEqual({ ...HEADER, encoding })
    expect(end).toBe(bytes.length)
  })

  it('comes back without a resource', () => {
    const bytes = encodeSegmentHeader({ ...HEADER, resource: Buffer.alloc(0) })
    expect(decodeSegmentHeader(bytes)!.header.resource).toEqual(Buffer.alloc(0))
  })

  it('gives a resource of its own, which does not keep the segment in memory', () => {
    const bytes = encodeSegmentHeader(HEADER)
    const { resource } = decodeSegmentHeader(bytes)!.header
    bytes.fill(0)
    expect(resource).toEqual(RESOURCE)
  })

  it('is refused where any of its bytes has changed, or is missing', () => {
    const bytes = encodeSegmentHeader(HEADER)
    // What lies between the checksum and the resource is not used.
    const unused = [36, 37, 38, 39]
    for (let at = 0; at < bytes.length; at++) {
      if (unused.includes(at)) continue
      for (let bit = 1; bit < 256; bit *= 2) expect(decodeSegmentHeader(flipped(bytes, at, bit))).toBeUndefined()
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeSegmentHeader(bytes.subarray(0, length))).toBeUndefined()
    }
  })
})

describe('frames', () => {
  it('of records come back with number, count, scope and place', () => {
    const payload = Buffer.concat([recordOf(1, 40), recordOf(2, 300)])
    const first = 2 ** 40 + 1
    const bytes = Buffer.concat([recordsFrameHeader(first, 2, 65, payload), payload])
    expect(framesOf(bytes)).toEqual([
      { kind: 'records', first, count: 2, scopeId: 65, start: FRAME_HEADER_BYTES, end: bytes.length },
    ])
    expect(payloadsOf(bytes)).toEqual([payload])
  })

  it.each([{ name: 'app', version: '1.2.3' }, { name: '' }, { name: 'höm "x"\n', version: '' }])(
    'of a scope come back: %j',
    (scope) => {
      const bytes = encodeScopeFrame(3, scope)
      expect(framesOf(bytes)).toEqual([{ kind: 'scope', scopeId: 3, scope, end: bytes.length }])
    },
  )

  it('are read from where one begins', () => {
    const one = frameOf(1)
    expect(payloadsOf(Buffer.concat([one, frameOf(2)]), one.length)).toEqual([recordOf(2, 40)])
  })

  it('cost themselves and no more when their payload is damaged', () => {
    const frames = [frameOf(1), frameOf(2), frameOf(3)]
    for (let at = FRAME_HEADER_BYTES; at < frames[1]!.length; at++) {
      const bytes = Buffer.concat([frames[0]!, flipped(frames[1]!, at), frames[2]!])
      expect(kindsOf(bytes)).toEqual(['records', 'corrupt', 'records'])
      expect(payloadsOf(bytes)).toEqual([recordOf(1, 40), recordOf(3, 40)])
    }
  })

  it('cost themselves and no more when their header is damaged', () => {
    const frames = [frameOf(1), frameOf(2), frameOf(3)]
    for (let at = 0; at < FRAME_HEADER_BYTES; at++) {
      for (let bit = 1; bit < 256; bit *= 2) {
        const bytes = Buffer.concat([frames[0]!, flipped(frames[1]!, at, bit), frames[2]!])
        expect(kindsOf(bytes)).toEqual(['records', 'corrupt', 'records'])
        expect(payloadsOf(bytes)).toEqual([recordOf(1, 40), recordOf(3, 40)])
      }
    }
  })

  it('are left out where their kind is unknown, and the next ones are read', () => {
    // The header of a frame of kind 9 is as good as any.
    const unknown = frameOf(2)
    unknown[2] = 9
    const { crc32 } = jest.requireActual<typeof zlib>('node:zlib')
    unknown.writeUInt32LE(crc32(unknown.subarray(0, 28)), 28)
    expect(kindsOf(Buffer.concat([frameOf(1), unknown, frameOf(3)]))).toEqual(['records', 'corrupt', 'records'])
  })

  it('that define a scope with something else than a scope are left out', () => {
    for (const text of ['', '{', 'null', '7', '[]', '{"version":"1"}', '{"name":7}', '{"name":"a","version":7}']) {
      const payload = Buffer.from(text)
      const header = recordsFrameHeader(0, 0, 0, payload)
      header[2] = 2
      const { crc32 } = jest.requireActual<typeof zlib>('node:zlib')
      header.writeUInt32LE(crc32(header.subarray(0, 28)), 28)
      expect(kindsOf(Buffer.concat([header, payload, frameOf(3)]))).toEqual(['corrupt', 'records'])
    }
  })

  it('may hold what begins a frame', () => {
    const payload = Buffer.concat([Buffer.from('OJOJ'), recordOf(1, 40), Buffer.from([0x4f, 0x4a, 1, 0])])
    expect(payloadsOf(Buffer.concat([frameOf(1, payload), frameOf(2)]))).toEqual([payload, recordOf(2, 40)])
    const damaged = flipped(frameOf(1, payload), 3)
    expect(payloadsOf(Buffer.concat([damaged, frameOf(2)]))).toEqual([recordOf(2, 40)])
  })

  it('F17: come back to the last complete one, wherever the segment is cut', () => {
    const frames = [frameOf(1), frameOf(2), frameOf(3)]
    const whole = Buffer.concat(frames)
    for (let length = 0; length <= whole.length; length++) {
      const complete = frames.filter((_, i) => (i + 1) * frames[0]!.length <= length).length
      const kinds = kindsOf(whole.subarray(0, length))
      expect(kinds.filter((kind) => kind === 'records')).toHaveLength(complete)
      const cut = length % frames[0]!.length > 0 ? ['torn'] : []
      expect(kinds.filter((kind) => kind !== 'records')).toEqual(cut)
    }
  })

  it('are read to the end, always forward, whatever the bytes are', () => {
    const pieces = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(9).map((id) => frameOf(id)),
      fc.nat(9).map((id) => frameOf(id).subarray(0, 30)),
      fc.constant(Buffer.from('OJ')),
      fc.constant(Buffer.alloc(100)),
    )
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const bytes = Buffer.concat(parts)
        let at = 0
        for (const { end } of readFrames(bytes, 0)) {
          expect(end).toBeGreaterThan(at)
          at = end
        }
        expect(at).toBe(bytes.length)
      }),
    )
  })

  it('are found behind megabytes of damage in no time', () => {
    const damage = Buffer.alloc(4 * 1024 * 1024, 'OJ\u0001\0')
    const start = performance.now()
    expect(payloadsOf(Buffer.concat([damage, frameOf(2)]))).toEqual([recordOf(2, 40)])
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

describe('segment files', () => {
  it('have numbers for names, and are found in their order', () => {
    const disk = new MemoryDisk()
    for (const number of [10, 2, 1, 99_999_999]) disk.put(segmentPath('/j', number), Buffer.alloc(number % 7))
    expect(segmentsIn('/j', disk).map(({ path, bytes }) => [path, bytes])).toEqual([
      ['/j/00000001.seg', 1],
      ['/j/00000002.seg', 2],
      ['/j/00000010.seg', 3],
      ['/j/99999999.seg', 99_999_999 % 7],
    ])
  })

  it('are not read, and nothing else in the folder is touched, when it is looked at', () => {
    const disk = new MemoryDisk()
    for (const name of [
      '1.seg',
      '00000001.seg.new',
      '00000001.SEG',
      'cur',
      'l',
      'a.seg',
      '000000001.seg',
      'notes.txt',
    ]) {
      disk.put(`/j/${name}`, Buffer.from('x'))
    }
    disk.calls = []
    disk.fail('read', 'EIO')
    expect(segmentsIn('/j', disk)).toEqual([])
    expect(disk.calls).toEqual([])
  })

  it('are none where the folder is missing, and unknown where it cannot be looked at', () => {
    const disk = new MemoryDisk()
    expect(segmentsIn('/j', disk)).toEqual([])
    disk.put('/j/00000001.seg', Buffer.from('x'))
    disk.fail('list', 'EMFILE')
    expect(() => segmentsIn('/j', disk)).toThrow('EMFILE')
  })

  it('leave out one that cannot be looked at', () => {
    const disk = new MemoryDisk()
    for (const number of [1, 2]) disk.put(segmentPath('/j', number), Buffer.from('x'))
    disk.fail('stat', 'EACCES', { path: /1\.seg/ })
    expect(segmentsIn('/j', disk).map(({ path }) => path)).toEqual(['/j/00000002.seg'])
    disk.heal()
    disk.fail('stat', 'ENOMEM', { path: /1\.seg/ })
    expect(() => segmentsIn('/j', disk)).toThrow('ENOMEM')
  })

  it('are empty where they cannot be read', () => {
    const disk = new MemoryDisk()
    expect(readSegment({ path: '/j/00000001.seg' }, disk)).toEqual(Buffer.alloc(0))
  })
})
