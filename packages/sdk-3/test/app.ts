// Apps on OpenTelemetry JS 2.x and 3.x, each from its own folder, so that every package finds the API of its version.

import { join } from 'node:path'
import { type App, type AppResult, type Receiver, startApp } from '@otlp-logs/test-support'

export type Sdk = 2 | 3

export const SDKS: readonly Sdk[] = [2, 3]

const FOLDERS: Record<Sdk, string> = { 2: join(__dirname, '../../sdk-2'), 3: join(__dirname, '..') }

/** Where the Logs API is: SDK 2.x has a package for it, with a global of its own. */
const LOGS_API: Record<Sdk, string> = { 2: '@opentelemetry/api-logs', 3: '@opentelemetry/api' }

/** What every app has at hand. */
function prelude(sdk: Sdk, receiver: Receiver): string {
  return `
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchLogRecordProcessor, createLoggerConfigurator, LoggerProvider } from '@opentelemetry/sdk-logs'
import { logs } from '${LOGS_API[sdk]}'
import { createPipeline, resolveOptions } from 'otlp-logs-core'
import pino from 'pino'
import { otlpStream, otlpTransport } from 'pino-otlp'
import winston from 'winston'
import { OtlpTransport } from 'winston-otlp'

const url = ${JSON.stringify(receiver.url)}
const said = []
/** Of the app's own set-up; it exports nothing unless it is flushed. */
function makeProvider(options = {}) {
  const exporter = new OTLPLogExporter({ url })
  const processor = new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: 3_600_000 })
  const resource = resourceFromAttributes({ 'service.name': 'the-app' })
  return new LoggerProvider({ resource, processors: [processor], ...options })
}
/** A logger for each way, with what it ships through. */
const makeLogger = {
  otlpStream(options) {
    const transport = otlpStream({ onReport: ({ message }) => said.push(message), diagnostics: 'none', ...options })
    return { logger: pino(transport), transport }
  },
  OtlpTransport(options) {
    const transport = new OtlpTransport({ onReport: ({ message }) => said.push(message), diagnostics: 'none', ...options })
    return { logger: winston.createLogger({ transports: [transport] }), transport }
  },
}
/** What a logger would write to its transport. */
const late = {
  otlpStream: '{"msg":"too late"}\\n',
  OtlpTransport: { level: 'info', message: 'too late', [Symbol.for('level')]: 'info' },
}
const tell = (value) => console.log(JSON.stringify(value))
`
}

/** Starts an app of the SDK's version. */
function start(sdk: Sdk, receiver: Receiver, main: string): App {
  return startApp(`${prelude(sdk, receiver)}\n${main}`, { resolveFrom: FOLDERS[sdk] })
}

/** Runs it to its end, which has to be a quiet one; gives what it told, line by line. */
export async function run(sdk: Sdk, receiver: Receiver, main: string): Promise<unknown[]> {
  const result: AppResult = await start(sdk, receiver, main).done
  expect(result).toMatchObject({ code: 0, stderr: '' })
  return result.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)
}
