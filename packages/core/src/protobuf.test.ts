import { ProtobufFormat } from './protobuf.ts'
import { RECORD_TOO_LARGE } from './slab.ts'

describe('ProtobufFormat', () => {
  function write(format: ProtobufFormat, body: string): string {
    format.times(undefined, 1n)
    format.severity(9, undefined)
    format.beginBody(body.length + 2)
    format.string(body)
    format.endBody()
    const { slab, start, end } = format.endRecord(0)
    return slab.toString('hex', start, end)
  }

  it('begins a record with its tag and its length', () => {
    expect(write(new ProtobufFormat(1000), 'hi')).toBe('121159010000000000000010092a040a026869')
  })

  it('writes the shortest length, whatever was reserved for it', () => {
    const record = Buffer.from(write(new ProtobufFormat(100_000), 'x'.repeat(300)), 'hex')
    const length = record.length - 3
    expect([...record.subarray(1, 3)]).toEqual([0x80 | (length & 0x7f), length >> 7])
  })

  it('needs no more room than a record has, where its slab ends or its bound is near', () => {
    const alone = write(new ProtobufFormat(2000), 'x'.repeat(1500))
    expect(write(new ProtobufFormat(alone.length / 2, 64), 'x'.repeat(1500))).toBe(alone)
    let thrown: unknown
    try {
      write(new ProtobufFormat(alone.length / 2 - 1, 64), 'x'.repeat(1500))
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBe(RECORD_TOO_LARGE)
  })

  it('is ready for the next record after one that was broken off', () => {
    const format = new ProtobufFormat(1000)
    const alone = write(format, 'alone')
    format.times(2n, 1n)
    format.beginBody(0)
    format.beginMap()
    format.beginEntry('a', 0)
    format.rewind()
    expect(write(format, 'alone')).toBe(alone)
  })
})
