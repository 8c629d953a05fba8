// The newest SDK that the transport's own API package belongs to.

import { logs } from '@opentelemetry/api-logs'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { OpenTelemetryTransportV3 } from '@opentelemetry/winston-transport'
import type { Logger } from 'winston'
import { type Given, winstonLogger } from './given.ts'

export default function setUp(given: Given): Logger {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = given.endpoint
  const provider = new LoggerProvider({
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
  })
  logs.setGlobalLoggerProvider(provider)
  if (given.prepared) process.on('SIGTERM', () => void provider.shutdown().finally(() => process.exit(0)))
  return winstonLogger(given, new OpenTelemetryTransportV3())
}
