// An app's own OpenTelemetry that sends the same entries, too: the real @opentelemetry/winston-transport, by itself and as
// @opentelemetry/instrumentation-winston adds it, in processes of their own, as the latter changes what winston is.

import { join } from 'node:path'
import { type Receiver, runApp, startReceiver } from '@otlp-logs/test-support'

const PACKAGE = join(__dirname, '..')

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

/** An SDK where winston-transport looks for one, which keeps its records. */
const SDK = `
  const sent = []
  const { logs } = require('@opentelemetry/api-logs')
  const { LoggerProvider, SimpleLogRecordProcessor } = require('@opentelemetry/sdk-logs')
  const exporter = {
    export: (records, done) => (sent.push(...records), done({ code: 0 })),
    shutdown: async () => {},
    forceFlush: async () => {},
  }
  const setUp = () =>
    logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] }))`

const INSTRUMENT = `
  const { WinstonInstrumentation } = require('@opentelemetry/instrumentation-winston')
  const instrument = (config) => new WinstonInstrumentation(config)`

/** Logs two entries; `others` are transports beside ours. */
function logging(others: string): string {
  return `
    const winston = require('winston')
    const { OtlpTransport } = require('winston-otlp')
    const transport = new OtlpTransport({ endpoint: '${receiver.endpoint}' })
    const logger = winston.createLogger({ transports: [transport, ${others}] })
    logger.info('one')
    logger.child({ a: 1 }).info('two')
    logger.end(() => console.log(sent.length))`
}

const BESIDE = `new (require('@opentelemetry/winston-transport').OpenTelemetryTransportV3)()`
const WARNING =
  /^winston-otlp: every record is sent twice, as OpenTelemetryTransportV3 .* `disableLogSending: true`; or .*\n$/

it.each<[what: string, source: () => string, sent: number]>([
  ['the transport of OpenTelemetry', () => `${SDK}; setUp(); ${logging(BESIDE)}`, 2],
  ['that which the instrumentation adds', () => `${SDK}; setUp(); ${INSTRUMENT}; instrument({}); ${logging('')}`, 2],
])('%s sends the same entries, which is said once, with what to do', async (_what, source, sent) => {
  const { code, stdout, stderr } = await runApp(source(), { resolveFrom: PACKAGE, extension: 'cjs' })
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${sent}\n` })
  expect(receiver.records.map(({ body }) => body)).toEqual(['one', 'two'])
  expect(stderr).toMatch(WARNING)
})

it.each<[what: string, source: () => string]>([
  ['the transport, while nobody has set up logs', () => `${SDK}; ${logging(BESIDE)}`],
  [
    'instrumentation that only adds ids',
    () => `${SDK}; setUp(); ${INSTRUMENT}; instrument({ disableLogSending: true }); ${logging('')}`,
  ],
  ['nothing of OpenTelemetry', () => `const sent = []; ${logging('')}`],
])('%s is no word', async (_what, source) => {
  const { code, stdout, stderr } = await runApp(source(), { resolveFrom: PACKAGE, extension: 'cjs' })
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '0\n', stderr: '' })
  expect(receiver.records).toHaveLength(2)
})
