// The newest SDK, registered as it asks for: in the API. Its packages are those of packages/oracle, since here they would
// share one version of the API with the older SDK.

import { createRequire } from 'node:module'
import { OpenTelemetryTransportV3 } from '@opentelemetry/winston-transport'
import type { Logger } from 'winston'
import { type Given, winstonLogger } from './given.ts'

const require = createRequire(new URL('../../../../oracle/package.json', import.meta.url))

export default function setUp(given: Given): Logger {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = given.endpoint
  const { logs } = require('@opentelemetry/api')
  const { OTLPLogExporter } = require('@opentelemetry/exporter-logs-otlp-proto')
  const { BatchLogRecordProcessor, LoggerProvider } = require('@opentelemetry/sdk-logs')
  const provider = new LoggerProvider({
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })],
  })
  logs.setGlobalLoggerProvider(provider)
  return winstonLogger(given, new OpenTelemetryTransportV3())
}
