// The official bridge, with the newest SDK that its own API package belongs to. With SDK 3 it delivers nothing.

import { logs } from '@opentelemetry/api-logs'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import { OpenTelemetryTransportV3 } from '@opentelemetry/winston-transport'
import type { Given, Outlet } from './outlet.ts'
import { winstonLogger } from './winston-logger.ts'

export default function setUp({ endpoint, processor }: Given): Outlet {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint
  const provider = new LoggerProvider({
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(), ...processor })],
  })
  logs.setGlobalLoggerProvider(provider)
  return { winston: winstonLogger(new OpenTelemetryTransportV3()), flush: () => provider.forceFlush() }
}
