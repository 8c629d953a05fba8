// What the Collector's file exporter wrote is what was logged: real pino with the worker target, or real winston, in an app
// of its own, through every protocol and compression, judged by the official schema.

import { join } from 'node:path'
import { type AnyValue, type Collector, type ReceivedRecord, runApp, startCollector } from '@otlp-logs/test-support'
import { LINES } from '../src/lines.ts'
import { target, WAYS } from './ways.ts'

const FOLDER = join(__dirname, '..')
// Off by default before Node 22.18, and then with a warning.
const STRIP_TYPES = ['--experimental-strip-types', '--no-warnings']

let collector: Collector

beforeAll(async () => {
  collector = await startCollector()
})

afterAll(async () => {
  await collector.close()
  expect(collector.problems).toEqual([])
})

test.each(WAYS)(
  'O1, O15: %s by %s with %s: the Collector writes what was logged',
  async (logger, protocol, compression) => {
    const before = collector.records.length
    const service = `${logger} ${protocol} ${compression}`
    const options = { ...target(collector, protocol), compression, resource: { 'service.name': service } }
    const startedAt = BigInt(Date.now()) * 1_000_000n
    const app = `import './src/${logger}-app.ts'`
    const appOptions = { resolveFrom: FOLDER, args: [JSON.stringify(options)], execArgv: STRIP_TYPES }
    const { code, stderr } = await runApp(app, appOptions)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
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
