// The programs that the tests run in a user's app: each is a `main(endpoint)` behind the imports of its module system.

/** The same program as an ES module and as CommonJS, by the extension of its file. */
export const PINO_IMPORTS = {
  mjs: `
import pino from 'pino'
import { otlpTransport, otlpStream, traceContext } from 'pino-otlp'
`,
  cjs: `
const pino = require('pino')
const { otlpTransport, otlpStream, traceContext } = require('pino-otlp')
`,
} as const

const LOG_THREE_LINES = `for (let n = 1; n <= 3; n++) log.info({ n }, 'line ' + n)`

/** Three lines each, to stdout and to the endpoint, by each way that the documentation shows. */
export const PINO_WAYS: Record<string, string> = {
  'the worker target': `async function main(endpoint) {
  const log = pino({ transport: { targets: [
    { target: 'pino/file', options: { destination: 1 } },
    { target: 'pino-otlp', options: { endpoint, resource: { 'service.name': 'orders' } } },
  ] } })
  ${LOG_THREE_LINES}
}`,
  otlpTransport: `async function main(endpoint) {
  const transport = otlpTransport({ endpoint, resource: { 'service.name': 'orders' } })
  const streams = [process.stdout, transport].map((stream) => ({ level: 'trace', stream }))
  const log = pino({}, pino.multistream(streams))
  ${LOG_THREE_LINES}
  await transport.flush()
  const { sent } = transport.stats()
  if (sent !== 3) throw new Error('flush() resolved with ' + sent + ' of 3 sent')
  await transport.close()
}`,
  'the worker target, with a configModule': `async function main(endpoint) {
  process.getBuiltinModule('node:fs').writeFileSync(
    'otlp.config.mjs',
    "export default { filter: (record) => record.body !== 'noise', resource: { 'service.name': 'orders' } }",
  )
  const log = pino({ transport: { targets: [
    { target: 'pino/file', options: { destination: 1 } },
    { target: 'pino-otlp', options: { endpoint, configModule: './otlp.config.mjs' } },
  ] } })
  ${LOG_THREE_LINES}
}`,
  otlpStream: `async function main(endpoint) {
  const stream = otlpStream({ endpoint, resource: { 'service.name': 'orders' } })
  const streams = [process.stdout, stream].map((stream) => ({ level: 'trace', stream }))
  const log = pino({}, pino.multistream(streams))
  ${LOG_THREE_LINES}
}`,
}

/** The same for winston. */
export const WINSTON_IMPORTS = {
  mjs: `
import winston from 'winston'
import { OtlpTransport, traceContext } from 'winston-otlp'
`,
  cjs: `
const winston = require('winston')
const { OtlpTransport, traceContext } = require('winston-otlp')
`,
} as const

export const WINSTON_WAYS: Record<string, string> = {
  OtlpTransport: `async function main(endpoint) {
  const transport = new OtlpTransport({ endpoint, resource: { 'service.name': 'orders' } })
  const log = winston.createLogger({
    format: winston.format.combine(traceContext(), winston.format.json()),
    transports: [new winston.transports.Console(), transport],
  })
  for (let n = 1; n <= 3; n++) log.info('line ' + n, { n })
  await transport.flush()
  const { sent } = transport.stats()
  if (sent !== 3) throw new Error('flush() resolved with ' + sent + ' of 3 sent')
  log.end()
}`,
}

/** How an app sets tracing up, by the OpenTelemetry SDK's major version. */
const TRACING: Record<2 | 3, string> = {
  2: `
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node')
new NodeTracerProvider().register()
`,
  3: `
const { context } = require('@opentelemetry/api')
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks')
const { TracerProvider } = require('@opentelemetry/sdk-trace')
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
trace.setGlobalTracerProvider(new TracerProvider())
`,
}

export type TracedWay = 'otlpTransport' | 'otlpStream' | 'traceContext'

/** The logger of a traced app, by the way in which it learns of the span. */
const TRACED_LOGGERS: Record<TracedWay, string> = {
  otlpTransport: `pino({}, pino.multistream([process.stdout, otlpTransport({ endpoint })]))`,
  otlpStream: `pino({}, pino.multistream([process.stdout, otlpStream({ endpoint })]))`,
  traceContext: `pino({ mixin: traceContext })`,
}

/** One line inside an active span, to stdout and by the logger's way; then the span's own ids on stdout. */
export function tracedProgram(sdk: 2 | 3, way: TracedWay): string {
  return `${PINO_IMPORTS.cjs}
const { trace } = require('@opentelemetry/api')
${TRACING[sdk]}
const endpoint = process.argv[2]
const log = ${TRACED_LOGGERS[way]}
trace.getTracer('app').startActiveSpan('work', (span) => {
  log.info('inside')
  span.end()
  console.log(JSON.stringify(span.spanContext()))
})
`
}

/** Where the Logs API is, by the OpenTelemetry SDK's major version. */
const LOGS_API: Record<2 | 3, string> = { 2: '@opentelemetry/api-logs', 3: '@opentelemetry/api' }

/** One line through the app's own SDK: its registered provider, one that is given, or a stack that is made of it. */
export function throughSdkProgram(sdk: 2 | 3, way: 'global' | 'given' | 'sdk'): string {
  const options = {
    global: `loggerProvider: 'global'`,
    given: 'loggerProvider: provider',
    sdk: `pipeline: 'sdk', endpoint`,
  }
  return `${PINO_IMPORTS.cjs}
const { logs } = require('${LOGS_API[sdk]}')
const { OTLPLogExporter } = require('@opentelemetry/exporter-logs-otlp-proto')
const { BatchLogRecordProcessor, LoggerProvider } = require('@opentelemetry/sdk-logs')
const endpoint = process.argv[2]
const exporter = new OTLPLogExporter({ url: endpoint + '/v1/logs' })
const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] })
if ('${way}' === 'global') logs.setGlobalLoggerProvider(provider)
pino(otlpStream({ ${options[way]} })).info('through')
`
}
