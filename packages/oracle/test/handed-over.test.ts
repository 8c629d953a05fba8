// Records that are handed over to the OpenTelemetry SDK (`loggerProvider`): whatever is in them, each arrives. Given as they
// are, some would throw into the app, be dropped without a count, or take their whole batch with them (faults-of-*.ts).

import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { startReceiver } from '@otlp-logs/test-support'
import * as fc from 'fast-check'
import { createPipeline, resolveOptions } from 'otlp-logs-core'
import { takeRecords } from './received.ts'
import { type Protocol, RESOURCE, RUNS, SCOPE, type Source } from './source.ts'
import { sourceArbitrary } from './sources.ts'

const SEED = Number(process.env['ORACLE_SEED'] ?? (Math.random() * 2 ** 31) | 0)
const BATCH = 100
/** An attribute that tells records apart. It stands first, and so is kept. */
const NUMBER = '0'

it.each<Protocol>(['http/protobuf', 'http/json'])(
  'each record arrives that was handed over to the SDK, by %s',
  async (protocol) => {
    const receiver = await startReceiver()
    const exporter = new (protocol === 'http/json' ? JsonExporter : ProtobufExporter)({ url: receiver.url })
    const processor = new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 2 ** 30 })
    const resource = resourceFromAttributes(RESOURCE)
    const loggerProvider = new LoggerProvider({ resource, processors: [processor] })
    const options = { loggerProvider, scope: 'name', diagnostics: 'none' }
    const pipeline = createPipeline(resolveOptions(options, { env: {} }).settings, [], {
      package: SCOPE,
      inProcess: true,
    })
    try {
      const batches = fc.array(sourceArbitrary, { minLength: BATCH, maxLength: BATCH })
      const property = fc.asyncProperty(batches, async (generated) => {
        const sources = generated.map(numbered)
        for (const { record } of sources) pipeline.emit(record)
        await pipeline.forceFlush()
        expect(receiver.problems).toEqual([])
        const arrived = takeRecords(receiver, sources)
        expect(arrived.map(numberOf)).toEqual(sources.map((_, i) => String(i)))
        expect(arrived.map(({ severityNumber }) => severityNumber)).toEqual(sources.map(severityOf))
      })
      await fc.assert(property, { numRuns: Math.ceil(RUNS / BATCH), seed: SEED, endOnFailure: true })
      const { received, sent, dropped } = pipeline.stats()
      expect({ sent, dropped }).toEqual({ sent: received, dropped: { total: 0 } })
    } finally {
      await pipeline.shutdown()
      await loggerProvider.shutdown()
      await receiver.close()
    }
  },
  30_000 + RUNS * 30,
)

function numbered({ record }: Source, i: number): Source {
  return { record: { ...record, attributes: { ...record.attributes, [NUMBER]: `number ${i}` } } }
}

function numberOf({ attributes }: { attributes: { key: string; value: { stringValue?: string } | null }[] }): unknown {
  return attributes.find(({ key }) => key === NUMBER)?.value?.stringValue?.slice('number '.length)
}

/** What is none is told as none. */
function severityOf({ record: { severityNumber } }: Source): number {
  return Number.isInteger(severityNumber) && severityNumber >= 0 && severityNumber <= 24 ? severityNumber : 0
}
