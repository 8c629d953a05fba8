// Checked by the compiler: our own types take what an app on OpenTelemetry JS 3.x, with API 1.10, has at hand.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { logs, type LoggerProvider as ApiLoggerProvider } from '@opentelemetry/api'
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

test.each(['core', 'pino-otlp', 'winston-otlp'])('the declarations of %s import no OpenTelemetry package', (name) => {
  const folder = join(__dirname, '../..', name, 'dist')
  const files = readdirSync(folder).filter((file) => /\.d\.[cm]ts$/.test(file))
  expect(files.length).toBeGreaterThan(1)
  for (const file of files)
    expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(/(?:from|import\(|require\() ?['"]@opentelemetry/)
})
