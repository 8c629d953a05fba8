import { decodeRequest, flattenRecords, type LogsMessage } from '@otlp-logs/test-support'
import * as fc from 'fast-check'
import { Encoder } from './encode.ts'
import type { Run } from './slab.ts'

const PROTOCOLS = ['http/protobuf', 'http/json'] as const
type Protocol = (typeof PROTOCOLS)[number]

function encoderOf(protocol: Protocol, resource: Record<string, unknown> = { a: 1 }, slabBytes = 4096): Encoder {
  return new Encoder({
    protocol,
    resource,
    scope: { name: 'test' },
    attributeCountLimit: 128,
    attributeValueLengthLimit: Number.POSITIVE_INFINITY,
    maxRecordBytes: 1 << 20,
    slabBytes,
  })
}

function encode(encoder: Encoder, body: unknown, scopeName?: string): Run {
  return encoder.encode({ observedTimeUnixNano: 1n, severityNumber: 9, body, attributes: {}, scopeName })
}

function decode(encoder: Encoder, runs: Run[], protocol: Protocol): LogsMessage {
  const { chunks } = encoder.envelope.payload(runs)
  const { message, problems } = decodeRequest(Buffer.concat(chunks), protocol === 'http/json' ? 'json' : 'protobuf')
  expect(problems).toEqual([])
  return message!
}

/** What a queue does: neighbours in one slab and of one scope become one run. */
function joined(runs: Run[]): Run[] {
  const all: Run[] = []
  for (const run of runs) {
    const last = all.at(-1)
    if (last?.slab === run.slab && last.end === run.start && last.scopeId === run.scopeId) {
      last.end = run.end
      last.count += run.count
    } else all.push({ ...run })
  }
  return all
}

describe.each(PROTOCOLS)('Envelope of %s', (protocol) => {
  it('holds one resource, one group for each scope, and the records in their order', () => {
    const scope = fc.constantFrom(undefined, 'a', 'b', 'c')
    fc.assert(
      fc.property(
        fc.array(scope, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 64, max: 500 }),
        (scopes, slabBytes) => {
          const encoder = encoderOf(protocol, { a: 1 }, slabBytes)
          const runs = joined(scopes.map((name, i) => encode(encoder, i, name)))
          const message = decode(encoder, runs, protocol)
          const groups = message.resourceLogs[0]!.scopeLogs
          const seen = groups.map((group) => ({
            name: group.scope!.name,
            bodies: group.logRecords.map(({ body }) => Number(body!.intValue)),
          }))
          const expected = [...new Set(scopes)].map((name) => ({
            name: name ?? 'test',
            bodies: scopes.flatMap((other, i) => (other === name ? i : [])),
          }))
          expect(message.resourceLogs).toHaveLength(1)
          expect(seen).toEqual(expected)
        },
      ),
    )
  })

  it('is right for lengths that take one byte more or less', () => {
    for (const size of [0, 1, 60, 100, 110, 120, 127, 128, 129, 16_200, 16_300, 16_383, 16_384, 16_385, 2_097_152]) {
      const encoder = encoderOf(protocol, { text: 'r'.repeat(size) })
      const message = decode(encoder, [encode(encoder, 'b'.repeat(Math.min(size, 50_000)), 's'.repeat(size))], protocol)
      const [record] = flattenRecords(message, 0)
      expect(record!.resource).toEqual({ text: 'r'.repeat(size) })
      expect(record!.scope.name).toHaveLength(size)
      expect(record!.body).toHaveLength(Math.min(size, 50_000))
    }
  })

  it('takes any value for a resource attribute', () => {
    const resource = {
      text: '"é😀\ud800',
      list: [1, null, 'x'],
      map: { deep: { x: true } },
      big: 2n ** 60n,
      bytes: Buffer.of(1),
    }
    const encoder = encoderOf(protocol, resource)
    const [record] = flattenRecords(decode(encoder, [encode(encoder, 1)], protocol), 0)
    expect(record!.resource).toEqual({ ...resource, text: '"é😀\ufffd' })
  })

  it('may have an empty resource', () => {
    const encoder = encoderOf(protocol, {})
    const [record] = flattenRecords(decode(encoder, [encode(encoder, 1)], protocol), 0)
    expect(record!.resource).toEqual({})
  })

  it('names no schema, and no version where there is none', () => {
    const encoder = encoderOf(protocol)
    const [resourceLogs] = decode(encoder, [encode(encoder, 1)], protocol).resourceLogs
    expect([resourceLogs!.schemaUrl, resourceLogs!.scopeLogs[0]!.schemaUrl]).toEqual(['', ''])
    expect(resourceLogs!.scopeLogs[0]!.scope!.version).toBe('')
  })

  it('copies no record: the payload has the bytes of the slab itself', () => {
    const encoder = encoderOf(protocol)
    const run = encode(encoder, 'body')
    const { chunks, bytes, count } = encoder.envelope.payload([run])
    expect(chunks.filter(({ buffer }) => buffer === run.slab.buffer)).toHaveLength(1)
    expect(bytes).toBe(Buffer.concat(chunks).length)
    expect(count).toBe(1)
  })

  it('makes the same payload of the same records again', () => {
    const encoder = encoderOf(protocol)
    const runs = ['a', 'b', undefined].map((name) => encode(encoder, name, name))
    const [first, second] = [0, 1].map(() => Buffer.concat(encoder.envelope.payload(runs).chunks).toString('latin1'))
    expect(second).toBe(first)
  })
})

describe('Envelope of http/protobuf', () => {
  it('refuses to walk from where no record begins', () => {
    const encoder = encoderOf('http/protobuf')
    const { slab, start } = encode(encoder, 'x')
    expect(() => encoder.envelope.next(slab, start + 1)).toThrow('No record begins at offset 1')
  })
})
