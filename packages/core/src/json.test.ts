import { JSON_SEPARATOR, JsonFormat } from './json.ts'

function write(format: JsonFormat, fill: (format: JsonFormat) => void): string {
  format.times(undefined, 1n)
  fill(format)
  const { slab, start, end } = format.endRecord(0)
  return slab.toString('utf8', start, end)
}

describe('JsonFormat', () => {
  it('follows the rules of OTLP/JSON: hex ids, numbers for enums, texts for 64 bits, base64, names in lowerCamelCase', () => {
    const text = write(new JsonFormat(10_000), (format) => {
      format.severity(13, 'warn')
      format.beginBody()
      format.bytes(Buffer.of(0xff, 0xfe, 0xfd))
      format.endBody()
      format.beginAttributes()
      for (const [key, value] of Object.entries({
        int: 2n ** 60n,
        nan: Number.NaN,
        low: Number.NEGATIVE_INFINITY,
        half: 0.5,
      })) {
        format.beginAttribute(key)
        if (typeof value === 'bigint') format.int(value)
        else format.double(value)
        format.endAttribute()
      }
      format.endAttributes()
      format.droppedAttributesCount(3)
      format.trace('0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331', 1)
      format.eventName('order.placed')
    })
    expect(text.endsWith(JSON_SEPARATOR)).toBe(true)
    expect(JSON.parse(text.slice(0, -JSON_SEPARATOR.length))).toEqual({
      observedTimeUnixNano: '1',
      severityNumber: 13,
      severityText: 'warn',
      body: { bytesValue: '//79' },
      attributes: [
        { key: 'int', value: { intValue: '1152921504606846976' } },
        { key: 'nan', value: { doubleValue: 'NaN' } },
        { key: 'low', value: { doubleValue: '-Infinity' } },
        { key: 'half', value: { doubleValue: 0.5 } },
      ],
      droppedAttributesCount: 3,
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      flags: 1,
      eventName: 'order.placed',
    })
  })

  it('writes a record to one line, whatever it holds', () => {
    const text = write(new JsonFormat(10_000), (format) => {
      format.beginBody()
      format.beginMap()
      format.beginEntry('a\nb\u2028')
      format.string('line\r\nline\n')
      format.endEntry()
      format.endMap()
      format.endBody()
    })
    expect(text.indexOf('\n')).toBe(text.length - 1)
  })

  it('counts bytes, not characters, for the size of a record', () => {
    const format = new JsonFormat(10_000)
    format.times(undefined, 1n)
    const before = format.size
    format.string('é€😀"\ud800')
    expect(format.size - before).toBe(Buffer.byteLength('{"stringValue":"é€😀\\"\ufffd"}'))
    expect(format.stringBytes('é"')).toBe(Buffer.byteLength('"é\\""'))
    format.rewind()
    expect(format.size).toBe(0)
  })
})
