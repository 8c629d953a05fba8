// What only a real Collector can settle: which values it takes, and that it refuses a whole request for one that it does
// not. Of what it refuses or passes on broken, nothing comes from us.

import { type Collector, encodeRequestBytes, type ReceivedRecord, startCollector } from '@otlp-logs/test-support'
import winston from 'winston'
import { OtlpTransport } from 'winston-otlp'
import { type Protocol, PROTOCOLS, target } from './ways.ts'

/** Leaves entries as they are: winston's own JSON would already change such values. */
const UNFORMATTED = winston.format((info) => info)()

let collector: Collector

beforeAll(async () => {
  collector = await startCollector()
})

afterAll(async () => {
  await collector.close()
})

afterEach(() => {
  expect(collector.problems.splice(0)).toEqual([])
})

describe.each(PROTOCOLS)('by %s', (protocol) => {
  test('V2: NaN and the infinities arrive as what they are', async () => {
    const record = await ship(protocol, { nan: Number.NaN, most: Infinity, least: -Infinity, zero: -0.5 })
    const doubles = { nan: { doubleValue: Number.NaN }, most: { doubleValue: Infinity } }
    expect(record.attributeValues).toMatchObject({ ...doubles, least: { doubleValue: -Infinity } })
  })

  test('V1: integers beyond 64 bits, and numbers of any size, cost no neighbour its place', async () => {
    const record = await ship(protocol, { huge: 1e300, max: Number.MAX_VALUE, min: 5e-324, big: 2n ** 200n })
    expect(record.attributes).toMatchObject({ huge: 1e300, max: Number.MAX_VALUE, min: 5e-324, big: `${2n ** 200n}` })
  })

  test('V3: half a surrogate pair arrives as a replacement character, also in a key', async () => {
    const record = await ship(protocol, { text: 'a\ud83db', 'k\udc00': 1 }, 'm\udfff')
    expect(record.body).toBe('m\ufffd')
    expect(record.attributes).toMatchObject({ text: 'a\ufffdb', 'k\ufffd': 1 })
  })

  test('V4: bytes arrive as bytes', async () => {
    const record = await ship(protocol, { bytes: Buffer.from([0, 1, 254, 255]), none: Buffer.alloc(0) })
    expect(record.attributeValues).toMatchObject({ bytes: { bytesValue: Buffer.from([0, 1, 254, 255]) } })
  })

  test('V10: a hundred levels arrive as thirty, the last one marked', async () => {
    const record = await ship(protocol, {
      map: nested(100, (inner) => ({ inner })),
      list: nested(100, (inner) => [inner]),
    })
    const { map, list } = record.attributes
    expect([map, list].map(levelsOf)).toEqual([30, 30])
    expect(JSON.stringify([map, list]).match(/\[Truncated: nested deeper than 30 levels\]/g)).toHaveLength(2)
  })

  test('R5: ids that are empty, too short, all zero or no hex stay attributes', async () => {
    for (const trace_id of ['', 'ab', '0'.repeat(32), 'z'.repeat(32)]) {
      const record = await ship(protocol, { trace_id, span_id: 'b7ad6b7169203331' })
      expect([record.traceId, record.spanId]).toEqual(['', ''])
      expect(record.attributes['trace_id']).toBe(trace_id)
    }
  })
})

describe('a request of others', () => {
  /** What a client might send for such a value, and what the Collector says of it. */
  const refused: [row: string, what: string, value: string, says: RegExp][] = [
    ['V2', 'NaN as null, as JSON.stringify writes it', '{"doubleValue":null}', /unsupported value type/],
    ['V2', 'a number that no double holds', '{"doubleValue":1e400}', /out of range/],
    ['V1', 'a float as intValue, as JSON.stringify writes 1e300', '{"intValue":1e300}', /expect/],
    ['V1', 'an intValue beyond 64 bits', '{"intValue":"9223372036854775808"}', /out of range/],
  ]

  test.each(refused)('%s: %s costs the whole request a 400', async (_row, _what, value, says) => {
    const good = JSON.stringify({ body: { stringValue: 'innocent' } })
    const bad = `{"attributes":[{"key":"value","value":${value}}]}`
    const { status, text } = await post(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${good},${bad}]}]}]}`)
    expect(status).toBe(400)
    expect(text).toMatch(says)
  })

  test('R5: an id of the wrong length costs the whole request a 400', async () => {
    const record = { traceId: 'ab', body: { stringValue: 'x' } }
    const { status, text } = await post(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }))
    expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining('length mismatch') })
  })

  test('V3, V10: invalid UTF-8 and more than 100 nested messages are taken, and passed on to whatever reads next', async () => {
    const broken = encodeRequestBytes(request({ stringValue: 'XYZ' }))
    // The three bytes of half a surrogate pair.
    broken.set([0xed, 0xa0, 0xbd], broken.indexOf('XYZ'))
    expect((await post(broken)).status).toBe(200)
    const deep = nested(40, (inner) => ({ kvlistValue: { values: [{ key: 'inner', value: inner }] } }), {
      stringValue: '',
    })
    expect((await post(encodeRequestBytes(request(deep as object)))).status).toBe(200)
    await collector.stop()
    expect(collector.problems.splice(0)).toEqual([
      expect.stringContaining('not valid for encoding utf-8'),
      expect.stringContaining('more than 100 nested messages'),
    ])
    await collector.start()
  })
})

/** Logs one entry with real winston, and gives the record that the Collector wrote. */
async function ship(protocol: Protocol, fields: object, message = 'x'): Promise<ReceivedRecord> {
  const before = collector.records.length
  const transport = new OtlpTransport({ ...target(collector, protocol), diagnostics: 'none' })
  const logger = winston.createLogger({ format: UNFORMATTED, transports: [transport] })
  logger.info(message, fields)
  await transport.flush()
  expect(transport.stats()).toMatchObject({ sent: 1, dropped: { total: 0 } })
  logger.close()
  await collector.waitForRecords(before + 1)
  return collector.records[before]!
}

async function post(body: string | Buffer): Promise<{ status: number; text: string }> {
  const type = typeof body === 'string' ? 'application/json' : 'application/x-protobuf'
  const init = { method: 'POST', body, headers: { 'content-type': type } }
  const answer = await fetch(`${collector.endpoint}/v1/logs`, init)
  return { status: answer.status, text: await answer.text() }
}

function request(value: object): object {
  return { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [{ key: 'value', value }] }] }] }] }
}

function nested(levels: number, wrap: (inner: unknown) => unknown, core: unknown = 'core'): unknown {
  let value = core
  for (let level = 1; level < levels; level++) value = wrap(value)
  return value
}

/** Of maps and lists in each other. */
function levelsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(levelsOf))
}
