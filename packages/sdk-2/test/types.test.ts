// Checked by the compiler: our own types take what an app on OpenTelemetry JS 2.x, with API 1.9, has at hand.

import { logs, type LoggerProvider as ApiLoggerProvider } from '@opentelemetry/api-logs'
import { emptyResource, type Resource } from '@opentelemetry/resources'
import { LoggerProvider } from '@opentelemetry/sdk-logs'
import { type OtlpOptions, otlpStream } from 'pino-otlp'
import { OtlpTransport } from 'winston-otlp'

test('options take a LoggerProvider of the SDK, one of the API, and a Resource', async () => {
  const ofTheSdk: LoggerProvider = new LoggerProvider()
  const ofTheApi: ApiLoggerProvider = logs.getLoggerProvider()
  const resource: Resource = emptyResource()
  const all: OtlpOptions[] = [{ loggerProvider: ofTheSdk }, { loggerProvider: ofTheApi }, { resource }]
  for (const options of all) await otlpStream(options).close()
  new OtlpTransport({ loggerProvider: ofTheSdk }).end()
})
