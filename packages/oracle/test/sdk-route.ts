// The second way out: records through a LoggerProvider of the OpenTelemetry SDK, its BatchLogRecordProcessor and its own
// exporters, to a receiver of the same kind.

import { type LogRecord as ApiLogRecord, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { credentials } from '@grpc/grpc-js'
import { OTLPLogExporter as GrpcExporter } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs'
import type { LogRecordMessage } from '@otlp-logs/test-support'
import { startReceiverOf, takeRecords } from './received.ts'
import { RESOURCE, SCOPE, type Settings, type Source, type Wire } from './source.ts'

/** What became of one record. */
type Outcome = 'throws' | 'lost' | 'unreadable' | LogRecordMessage

export interface SdkRoute {
  send(sources: readonly Source[]): Promise<LogRecordMessage[]>
  /** Sends one record, whatever may become of it. */
  attempt(source: Source, meanwhile?: () => void): Promise<Outcome>
  close(): Promise<void>
}

/** More than any batch of a test, so that each goes out when it is flushed. */
const MAX_BATCH = 4096

/** @param exportTimeoutMillis how long the SDK keeps its timer when it has failed to encode a batch */
export async function openSdkRoute(
  { protocol, limits }: Settings,
  exportTimeoutMillis = 30_000,
  wire: Wire = protocol,
): Promise<SdkRoute> {
  const receiver = await startReceiverOf(wire)
  const exporter = exporterTo(receiver.endpoint, wire)
  const processor = new BatchLogRecordProcessor({
    exporter,
    exportTimeoutMillis,
    maxQueueSize: MAX_BATCH,
    maxExportBatchSize: MAX_BATCH,
    scheduledDelayMillis: 2 ** 30,
  })
  const resource = resourceFromAttributes(RESOURCE)
  const provider = new LoggerProvider({ resource, processors: [processor], logRecordLimits: limits })
  const emit = (source: Source): void => {
    const { scopeName = SCOPE.name } = source.record
    const logger = provider.getLogger(scopeName, scopeName === SCOPE.name ? SCOPE.version : undefined)
    logger.emit(apiRecordOf(source))
  }
  return {
    async send(sources) {
      for (const source of sources) emit(source)
      await provider.forceFlush()
      const { problems } = receiver
      const records = takeRecords(receiver, sources)
      expect(problems).toEqual([])
      return records
    },
    async attempt(source, meanwhile) {
      try {
        emit(source)
      } catch {
        return 'throws'
      }
      meanwhile?.()
      await provider.forceFlush()
      const { length } = receiver.requests
      const [record] = takeRecords(receiver, [source])
      return record ?? (length === 0 ? 'lost' : 'unreadable')
    },
    async close() {
      await provider.shutdown()
      await receiver.close()
    },
  }
}

function exporterTo(endpoint: string, wire: Wire): LogRecordExporter {
  if (wire === 'grpc') return new GrpcExporter({ url: endpoint, credentials: credentials.createInsecure() })
  const url = `${endpoint}/v1/logs`
  return wire === 'http/json' ? new JsonExporter({ url }) : new ProtobufExporter({ url })
}

function apiRecordOf({ record, error }: Source): ApiLogRecord {
  const { traceId = '', spanId = '', traceFlags = 0 } = record
  return {
    timestamp: hrTimeOf(record.timeUnixNano),
    observedTimestamp: hrTimeOf(record.observedTimeUnixNano),
    severityNumber: record.severityNumber,
    severityText: record.severityText,
    body: record.body,
    attributes: record.attributes,
    eventName: record.eventName,
    exception: error,
    context: trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags }),
  } as ApiLogRecord
}

/** Seconds and nanoseconds: of the forms that the API takes, the only one that is exact. */
function hrTimeOf(nanos: bigint | undefined): [number, number] | undefined {
  return nanos === undefined ? undefined : [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}
