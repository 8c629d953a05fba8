import { decodeRequest, flattenRecords, type ReceivedRecord } from '@otlp-logs/test-support'
import * as fc from 'fast-check'
import { Encoder, type EncoderOptions, TRUNCATED_ATTRIBUTE } from './encode.ts'
import type { LogRecord } from './record.ts'
import { RECORD_TOO_LARGE, type Run } from './slab.ts'

const PROTOCOLS = ['http/protobuf', 'http/json'] as const
type Protocol = (typeof PROTOCOLS)[number]

const DEFAULTS: EncoderOptions = {
  protocol: 'http/protobuf',
  resource: { 'service.name': 'orders', list: [1, 'a'] },
  scope: { name: 'test', version: '1.2.3' },
  attributeCountLimit: 128,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  maxRecordBytes: 1 << 20,
}

function encoderOf(protocol: Protocol, options: Partial<EncoderOptions> = {}): Encoder {
  return new Encoder({ ...DEFAULTS, protocol, ...options })
}

/** What the official schema reads of these runs, without a complaint. */
function decode(encoder: Encoder, runs: Run[], protocol: Protocol): ReceivedRecord[] {
  const { chunks, bytes, count } = encoder.envelope.payload(runs)
  const body = Buffer.concat(chunks)
  expect(body).toHaveLength(bytes)
  const { message, problems } = decodeRequest(body, protocol === 'http/json' ? 'json' : 'protobuf')
  expect(problems).toEqual([])
  const records = flattenRecords(message!, 0)
  expect(records).toHaveLength(count)
  return records
}

/** The same records by way of both encodings, which must not differ. */
function through(records: LogRecord[], options: Partial<EncoderOptions> = {}): ReceivedRecord[] {
  const [protobuf, json] = PROTOCOLS.map((protocol) => {
    const encoder = encoderOf(protocol, options)
    return decode(
      encoder,
      records.map((record) => encoder.encode(record)),
      protocol,
    )
  }) as [ReceivedRecord[], ReceivedRecord[]]
  expect(json).toEqual(protobuf)
  return protobuf
}

function recordOf(fields: Partial<LogRecord> = {}): LogRecord {
  return { observedTimeUnixNano: 5n, severityNumber: 9, attributes: {}, ...fields }
}

const textOf = ({ slab, start, end }: Run): string => slab.toString('latin1', start, end)

// What is generated: every kind of value, with sizes around those where a length takes one more byte.

const ofSize = fc
  .record({
    unit: fc.constantFrom('a', 'é', '€', '😀', '"', '\n'),
    size: fc.constantFrom(
      0,
      1,
      11,
      12,
      110,
      111,
      117,
      118,
      119,
      120,
      121,
      122,
      125,
      126,
      127,
      128,
      129,
      2047,
      2048,
      16_382,
      16_383,
      16_384,
      16_385,
    ),
  })
  .map(({ unit, size }) => unit.repeat(Math.ceil(size / Buffer.byteLength(unit))))
const codeUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 30 })
  .map((units) => String.fromCharCode(...units))
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), codeUnits, { weight: 1, arbitrary: ofSize })
const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '0',
    'a.b',
    'é'.repeat(32),
    'k'.repeat(64),
    'k'.repeat(65),
    'k'.repeat(127),
    'k'.repeat(128),
  ),
)
const leaf: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
  fc.boolean(),
  fc.constantFrom(
    null,
    undefined,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    127,
    128,
    2 ** 31,
    2 ** 32,
    2 ** 53,
    -(2 ** 53),
    2 ** 63,
    [],
    {},
  ),
  fc.uint8Array({ maxLength: 300 }),
)
const entries = (of: fc.Arbitrary<unknown>, maxLength: number): fc.Arbitrary<Record<string, unknown>> =>
  fc.array(fc.tuple(key, of), { maxLength }).map((all) => Object.fromEntries(all))
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    entries(tie('tree'), 4),
  ),
}))
const nested = fc.record({ levels: fc.nat(40), array: fc.boolean(), value: leaf }).map(({ levels, array, value }) => {
  let at = value
  for (let i = 0; i < levels; i++) at = array ? [at] : { k: at }
  return at
})
const anyValue = fc.oneof({ weight: 5, arbitrary: tree }, nested)
const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id.fill(1, 0, 1)).toString('hex'))
const record: fc.Arbitrary<LogRecord> = fc
  .record(
    {
      timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      observedTimeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      severityNumber: fc.nat(24),
      severityText: text,
      body: anyValue,
      attributes: entries(anyValue, 6),
      droppedAttributesCount: fc.nat(300),
      traceId: hex(16),
      spanId: hex(8),
      traceFlags: fc.nat(255),
      eventName: text,
    },
    { requiredKeys: ['observedTimeUnixNano', 'severityNumber', 'attributes'] },
  )
  .map((made) => (made.traceId === undefined ? { ...made, spanId: undefined, traceFlags: undefined } : made))

// What of it must arrive.

function plainOf(value: unknown, level = 1): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (value === null || value === undefined) return null
  if (Object.is(value, -0)) return 0
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return value >= -(2 ** 63) && value < 2 ** 63 ? BigInt(value) : value
  }
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) return value.toString()
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (typeof value !== 'object') return value
  if (level > 30) return '[Truncated: nested deeper than 30 levels]'
  return Array.isArray(value) ? value.map((element) => plainOf(element, level + 1)) : plainEntries(value, level + 1)
}

function plainEntries(value: object, level = 1): Record<string, unknown> {
  const all = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(all.map(([name, each]) => [name, plainOf(each, level)]))
}

/** As `ReceivedRecord`, without the fields that look at the same from another side. */
function expected(sent: LogRecord): object {
  return {
    timeUnixNano: sent.timeUnixNano ?? 0n,
    observedTimeUnixNano: sent.observedTimeUnixNano,
    severityNumber: sent.severityNumber,
    severityText: (sent.severityText ?? '').toWellFormed(),
    body: sent.body === undefined ? undefined : plainOf(sent.body),
    attributes: plainEntries(sent.attributes),
    droppedAttributesCount: sent.droppedAttributesCount ?? 0,
    traceId: sent.traceId ?? '',
    spanId: sent.spanId ?? '',
    flags: sent.traceFlags ?? 0,
    eventName: (sent.eventName ?? '').toWellFormed(),
    resource: { 'service.name': 'orders', list: [1, 'a'] },
    scope: { name: 'test', version: '1.2.3', attributes: {} },
  }
}

function seen(received: ReceivedRecord): object {
  const {
    bodyValue: _body,
    attributeValues: _values,
    requestIndex: _index,
    scopeSchemaUrl,
    resourceSchemaUrl,
    ...rest
  } = received
  expect([scopeSchemaUrl, resourceSchemaUrl]).toEqual(['', ''])
  return rest
}

describe('Encoder', () => {
  it('writes what the official schema reads, the same in both encodings', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 16, max: 8192 }),
        (records, slabBytes) => {
          expect(through(records, { slabBytes }).map(seen)).toEqual(records.map(expected))
        },
      ),
      { numRuns: 300 },
    )
  })

  it.each(PROTOCOLS)('writes a record to the same bytes wherever it lies in a slab (%s)', (protocol) => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 16, max: 1024 }),
        (records, slabBytes) => {
          const small = encoderOf(protocol, { slabBytes })
          const runs = records.map((each) => small.encode(each))
          const alone = records.map((each) => textOf(encoderOf(protocol).encode(each)))
          expect(runs.map(textOf)).toEqual(alone)
        },
      ),
    )
  })

  it.each(PROTOCOLS)('walks from record to record by `next` (%s)', (protocol) => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
        const encoder = encoderOf(protocol, { slabBytes: 1 << 22 })
        const runs = records.map((each) => encoder.encode(each))
        for (const { slab, start, end } of runs) expect(encoder.envelope.next(slab, start)).toBe(end)
      }),
      { numRuns: 50 },
    )
  })

  const broken = fc.constantFrom<LogRecord>(
    recordOf({ body: 'body', severityText: 'x'.repeat(2000) }),
    recordOf({ observedTimeUnixNano: undefined as unknown as bigint }),
    recordOf({ body: 'x', attributes: null as unknown as Record<string, unknown> }),
    recordOf({ severityText: 5 as unknown as string }),
    recordOf({ body: [['deep', { a: 1 }]], eventName: 'e'.repeat(3000) }),
  )

  it.each(PROTOCOLS)(
    'leaves nothing of a record that throws or is too large, and its neighbours as they are (%s)',
    (protocol) => {
      const small = fc
        .record({
          body: fc.string({ maxLength: 40 }),
          attributes: entries(fc.oneof(fc.string({ maxLength: 40 }), fc.integer()), 3),
        })
        .map(recordOf)
      const either = fc.oneof(
        small.map((good) => ({ good, bad: undefined })),
        broken.map((bad) => ({ good: undefined, bad })),
      )
      fc.assert(
        fc.property(fc.array(either, { maxLength: 12 }), fc.integer({ min: 64, max: 4096 }), (all, slabBytes) => {
          const encoder = encoderOf(protocol, { slabBytes, maxRecordBytes: 1024 })
          const runs: Run[] = []
          for (const { good, bad } of all) {
            if (good !== undefined) runs.push(encoder.encode(good))
            else expect(refusalOf(encoder, bad!)).toBeDefined()
          }
          if (runs.length === 0) return
          const sent = all.flatMap(({ good }) => good ?? [])
          expect(decode(encoder, runs, protocol).map(seen)).toEqual(sent.map(expected))
        }),
      )
    },
  )

  function refusalOf(encoder: Encoder, each: LogRecord): unknown {
    try {
      encoder.encode(each)
      return undefined
    } catch (error) {
      return error
    }
  }

  describe('maxRecordBytes', () => {
    const long = fc
      .record({ unit: fc.constantFrom('a', 'é', '😀', '"', '\u0001', '\ud800'), length: fc.nat(3000) })
      .map(({ unit, length }) => unit.repeat(length))
    const shortKey = fc.string({ minLength: 1, maxLength: 12 })
    const heavy: fc.Arbitrary<unknown> = fc.oneof(
      long,
      long,
      fc.uint8Array({ minLength: 100, maxLength: 4000 }),
      fc.array(fc.oneof(long, fc.integer(), fc.constant(null)), { maxLength: 300 }),
      fc.array(fc.tuple(shortKey, long), { maxLength: 40 }).map((all) => Object.fromEntries(all)),
      nested,
      tree,
    )
    const heavyRecord = fc
      .record(
        {
          body: heavy,
          attributes: fc
            .array(fc.tuple(shortKey, heavy), { maxLength: 20 })
            .map((all) => Object.fromEntries(all) as Record<string, unknown>),
          traceId: hex(16),
          spanId: hex(8),
          traceFlags: fc.constant(1),
          severityText: fc.constant('information'),
          eventName: fc.constant('order.placed'),
          timeUnixNano: fc.constant(1795239200469000000n),
        },
        { requiredKeys: ['attributes'] },
      )
      .map(recordOf)

    it.each(PROTOCOLS)(
      'is never exceeded; what fits is whole, and what does not is cut and marked (%s)',
      (protocol) => {
        fc.assert(
          fc.property(
            heavyRecord,
            fc.integer({ min: 1024, max: 9000 }),
            fc.integer({ min: 64, max: 16_384 }),
            (each, maxRecordBytes, slabBytes) => {
              const natural = encoderOf(protocol).encode(each)
              const encoder = encoderOf(protocol, { maxRecordBytes, slabBytes })
              const run = encoder.encode(each)
              const size = run.end - run.start
              expect(size).toBeLessThanOrEqual(maxRecordBytes)
              const fits = natural.end - natural.start <= maxRecordBytes
              if (fits) expect(textOf(run)).toBe(textOf(natural))
              else expect(encoder.truncated).toBe(true)
              const [received] = decode(encoder, [run], protocol)
              expect(received!.attributes[TRUNCATED_ATTRIBUTE]).toBe(fits ? undefined : true)
            },
          ),
          { numRuns: 200 },
        )
      },
    )

    it.each(PROTOCOLS)('cuts strings between code points (%s)', (protocol) => {
      for (let shift = 0; shift < 8; shift++) {
        const encoder = encoderOf(protocol, { maxRecordBytes: 1024 })
        const run = encoder.encode(recordOf({ body: `${'a'.repeat(shift)}${'😀'.repeat(2000)}` }))
        const [{ body }] = decode(encoder, [run], protocol) as [ReceivedRecord]
        expect(body).toMatch(/^a*(?:😀)+$/u)
      }
    })

    it.each(PROTOCOLS)('leaves room for every field of a record whose first is huge (%s)', (protocol) => {
      const encoder = encoderOf(protocol, { maxRecordBytes: 2048 })
      const run = encoder.encode(
        recordOf({
          body: 'b'.repeat(1e6),
          attributes: { a: 'a'.repeat(1e6), c: 'short' },
          traceId: 'a'.repeat(32),
          spanId: 'b'.repeat(16),
        }),
      )
      const [received] = decode(encoder, [run], protocol)
      expect(received).toMatchObject({
        traceId: 'a'.repeat(32),
        attributes: { a: expect.stringMatching(/^a{200,}$/), c: 'short' },
      })
    })

    it('counts attributes for which no room is left as dropped', () => {
      const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key.${i}`, 'x'.repeat(100)]))
      for (const protocol of PROTOCOLS) {
        const encoder = encoderOf(protocol, { maxRecordBytes: 2000 })
        const [received] = decode(encoder, [encoder.encode(recordOf({ attributes: many }))], protocol)
        expect(Object.keys(received!.attributes).length - 1 + received!.droppedAttributesCount).toBe(100)
      }
    })

    it.each(PROTOCOLS)('leaves out what has a name that is too long itself (%s)', (protocol) => {
      const encoder = encoderOf(protocol, { maxRecordBytes: 1024 })
      const wide = { a: 1, ['k'.repeat(2000)]: 2, b: 3 }
      const [received] = decode(encoder, [encoder.encode(recordOf({ attributes: wide, body: wide }))], protocol)
      expect(encoder.truncated).toBe(true)
      expect(received).toMatchObject({ attributes: { a: 1, b: 3 }, droppedAttributesCount: 1 })
      expect(received!.body).toEqual({ a: 1 })
    })

    it.each(PROTOCOLS)('refuses a record that cannot be cut, by RECORD_TOO_LARGE (%s)', (protocol) => {
      const encoder = encoderOf(protocol, { maxRecordBytes: 1024 })
      expect(refusalOf(encoder, recordOf({ eventName: 'e'.repeat(2000) }))).toBe(RECORD_TOO_LARGE)
      expect(encoder.truncated).toBe(false)
    })
  })

  describe('limits of attributes', () => {
    it('keep the first, and count the others', () => {
      const attributes = { a: 1, none: undefined, b: 2, c: 3, '': 4 }
      const [received] = through([recordOf({ attributes, droppedAttributesCount: 10 })], { attributeCountLimit: 2 })
      expect(received).toMatchObject({ attributes: { a: 1, b: 2 }, droppedAttributesCount: 12 })
    })

    it('may keep none', () => {
      const [received] = through([recordOf({ attributes: { a: 1 } })], { attributeCountLimit: 0 })
      expect(received).toMatchObject({ attributes: {}, droppedAttributesCount: 1 })
    })

    it('cut strings by code points and bytes by bytes, at any depth, but not the body', () => {
      const attributes = { text: '😀😀😀', list: ['abcd', { x: 'abcd' }], bytes: Buffer.from('abcd'), number: 12_345 }
      const [received] = through([recordOf({ body: 'body', attributes })], { attributeValueLengthLimit: 2 })
      expect(received).toMatchObject({
        body: 'body',
        attributes: { text: '😀😀', list: ['ab', { x: 'ab' }], bytes: Buffer.from('ab'), number: 12_345 },
      })
    })
  })

  describe('scopes', () => {
    it('are those that records name, else the default, and group the records', () => {
      const names = ['http', undefined, 'db', 'http', undefined]
      const received = through(names.map((scopeName, i) => recordOf({ scopeName, body: i })))
      expect(received.map(({ scope, body }) => [scope.name, scope.version, body])).toEqual([
        ['http', '', 0],
        ['http', '', 3],
        ['test', '1.2.3', 1],
        ['test', '1.2.3', 4],
        ['db', '', 2],
      ])
    })

    it('are 64 beside the default at most; later names share the default', () => {
      const received = through(Array.from({ length: 70 }, (_, i) => recordOf({ scopeName: `n${i}`, body: i })))
      const named = new Set(received.map(({ scope }) => scope.name))
      expect(named.size).toBe(65)
      expect(received.filter(({ scope }) => scope.name === 'test').map(({ body }) => body)).toEqual([
        64, 65, 66, 67, 68, 69,
      ])
      expect(named.has('n63')).toBe(true)
    })

    it('may have any text for a name', () => {
      for (const scopeName of ['"', '\ud800', '', '\n', 'x'.repeat(200)]) {
        expect(through([recordOf({ scopeName })])[0]!.scope.name).toBe(scopeName.toWellFormed())
      }
    })
  })

  describe('what a hook made of a record', () => {
    it.each<[string, object]>([
      ['a severity that is none', { severityNumber: 300 }],
      ['a severity between two', { severityNumber: 9.5 }],
      ['no number for a severity', { severityNumber: Number.NaN }],
      ['ids that are none', { traceId: 'x', spanId: '"', traceFlags: 999 }],
      ['a span id that is none', { traceId: 'a'.repeat(32), spanId: 'zz' }],
      ['a trace id of zeros', { traceId: '0'.repeat(32) }],
      ['a negative count', { droppedAttributesCount: -5 }],
      ['half a count', { droppedAttributesCount: 1.5 }],
      ['a count beyond 32 bits', { droppedAttributesCount: 2 ** 40 }],
      ['a name that is no text', { eventName: 5 }],
      ['a scope that is no text', { scopeName: 5 }],
      ['a level that is no text', { severityText: { a: 1 } }],
    ])('never harms the others of its batch: %s', (_name, fields) => {
      for (const protocol of PROTOCOLS) {
        const encoder = encoderOf(protocol)
        const runs: Run[] = []
        for (const each of [recordOf({ body: 1 }), recordOf({ body: 2, ...fields }), recordOf({ body: 3 })]) {
          try {
            runs.push(encoder.encode(each))
          } catch {
            // Refused: nothing of it may stay.
          }
        }
        const bodies = decode(encoder, runs, protocol).map(({ body }) => body)
        expect(bodies.filter((body) => body !== 2)).toEqual([1, 3])
      }
    })
  })

  it('leaves a mark where an attribute throws, and sends the rest', () => {
    const attributes = {
      a: 1,
      get b(): never {
        throw new Error('boom')
      },
      c: 3,
    }
    expect(through([recordOf({ attributes })])[0]!.attributes).toEqual({ a: 1, b: '[Throws: boom]', c: 3 })
  })

  it('pollutes no prototype', () => {
    const attributes = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as Record<
      string,
      unknown
    >
    const [received] = through([recordOf({ attributes, body: attributes })])
    expect(Object.keys(received!.attributes)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('takes a record as it is at the call: what changes later is not sent', () => {
    const attributes: Record<string, unknown> = { a: [1] }
    const encoder = encoderOf('http/protobuf')
    const run = encoder.encode(recordOf({ attributes }))
    ;(attributes['a'] as unknown[]).push(2)
    attributes['b'] = 3
    expect(decode(encoder, [run], 'http/protobuf')[0]!.attributes).toEqual({ a: [1] })
  })
})
