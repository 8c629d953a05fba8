// What the Collector's file exporter wrote is what was logged: real pino with the worker target, or real winston, in an app
// of its own, through every protocol and compression, judged by the official schema.

import { type AnyValue, type Collector, type ReceivedRecord, startCollector } from '@otlp-logs/test-support'
import { LINES } from '../src/lines.ts'
import { logLines, target, WAYS } from './ways.ts'

let collector: Collector

beforeAll(async () => {
  collector = await startCollector()
})

afterAll(async () => {
  await collector.close()
  expect(collector.problems).toEqual([])
})

test.each(WAYS)(
  'O1, O12, O15: %s by %s with %s: the Collector writes what was logged',
  async (logger, protocol, compression) => {
    const before = collector.records.length
    const service = `${logger} ${protocol} ${compression}`
    const options = { ...target(collector, protocol), compression, resource: { 'service.name': service } }
    const startedAt = BigInt(Date.now()) * 1_000_000n
    await logLines(logger, options)
    const endedAt = BigInt(Date.now() + 1) * 1_000_000n
    await collector.waitForRecords(before + LINES.length)
    const records = collector.records.slice(before)
    expect(records.map(seen)).toEqual(LINES.map(expected))
    for (const { resource, scope, timeUnixNano, observedTimeUnixNano } of records) {
      expect(resource).toMatchObject({ 'service.name': service, 'telemetry.sdk.language': 'nodejs' })
      expect(scope.name).toBe(`${logger}-otlp`)
      expect(timeUnixNano).toBeGreaterThanOrEqual(startedAt)
      expect(observedTimeUnixNano).toBeGreaterThanOrEqual(timeUnixNano)
      expect(observedTimeUnixNano).toBeLessThan(endedAt)
    }
  },
)

type Seen = Pick<ReceivedRecord, 'body' | 'severityNumber' | 'severityText' | 'traceId' | 'spanId' | 'flags'> & {
  attributes: Record<string, AnyValue>
}

function seen(record: ReceivedRecord): Seen {
  const { body, severityNumber, severityText, traceId, spanId, flags, attributeValues } = record
  return { body, severityNumber, severityText, traceId, spanId, flags, attributes: { ...attributeValues } }
}

function expected({ level, severityNumber, message, attributes, ids }: (typeof LINES)[number]): Seen {
  const noIds = { traceId: '', spanId: '', flags: 0 }
  return { body: message, severityNumber, severityText: level, ...noIds, ...ids, attributes }
}
