// An app's own OpenTelemetry that sends the same lines, too, and preloads that run again in pino's worker: real
// @opentelemetry/instrumentation-pino, in processes of their own, as it changes what `require('pino')` gives.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AppResult,
  makeTempFolder,
  type Receiver,
  runApp,
  startReceiver,
  type TempFolder,
} from '@otlp-logs/test-support'

const PACKAGE = join(__dirname, '..')
const MODES = ['otlpTransport', 'otlpStream', 'a plain target'] as const
type Mode = (typeof MODES)[number]

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

interface OpenTelemetry {
  /** Of the instrumentation. */
  config?: object
  hasProvider?: boolean
  /** The statement after which it begins. */
  only?: string
}

/** Sets an SDK up that keeps its records in `globalThis.sent`, and instruments pino. */
function setUp({ config = {}, hasProvider = true, only = '' }: OpenTelemetry = {}): string {
  return `
    ${only}
    globalThis.sent = []
    const { logs } = require('@opentelemetry/api')
    const { LoggerProvider, SimpleLogRecordProcessor } = require('@opentelemetry/sdk-logs')
    const { PinoInstrumentation } = require('@opentelemetry/instrumentation-pino')
    const exporter = {
      export: (records, done) => (globalThis.sent.push(...records), done({ code: 0 })),
      shutdown: async () => {},
      forceFlush: async () => {},
    }
    const provider = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter })] })
    if (${hasProvider}) logs.setGlobalLoggerProvider(provider)
    new PinoInstrumentation(${JSON.stringify(config)})`
}

/** Logs three lines, of two loggers and a child. */
function logBy(mode: Mode): string {
  const options = JSON.stringify({ endpoint: receiver.endpoint })
  const destination =
    mode === 'a plain target'
      ? `pino.transport({ target: 'pino-otlp', options: ${options} })`
      : `require('pino-otlp').${mode}(${options})`
  return `
    const pino = require('pino')
    const transport = ${destination}
    const logger = pino({}, transport)
    logger.info('one')
    logger.child({ a: 1 }).info('two')
    pino({}, pino.multistream([{ stream: transport }])).info('three')
    setImmediate(() => console.log((globalThis.sent ?? []).length))`
}

async function run(source: string, options: Parameters<typeof runApp>[1] = {}): Promise<AppResult> {
  const result = await runApp(source, { resolveFrom: PACKAGE, extension: 'cjs', ...options })
  expect({ code: result.code, bodies: receiver.records.map(({ body }) => body) }).toEqual({
    code: 0,
    bodies: ['one', 'two', 'three'],
  })
  return result
}

const WARNING =
  /^pino-otlp: every record arrives twice, as @opentelemetry\/instrumentation-pino .* `disableLogSending: true`, or .*\n$/

describe.each(['otlpTransport', 'otlpStream'] as const)('duplicates by %s', (mode) => {
  it('instrumentation that sends the same lines is said once, with what to do', async () => {
    const { stdout, stderr } = await run(setUp() + logBy(mode))
    expect(stdout).toBe('3\n')
    expect(stderr).toMatch(WARNING)
  })

  it.each<[string, OpenTelemetry]>([
    ['that only adds ids to lines', { config: { disableLogSending: true } }],
    ['without a LoggerProvider, which sends nothing', { hasProvider: false }],
  ])('instrumentation %s is no word', async (_which, openTelemetry) => {
    const { stdout, stderr } = await run(setUp(openTelemetry) + logBy(mode))
    expect([stdout, stderr]).toEqual(['0\n', ''])
  })

  it('an app without instrumentation is no word', async () => {
    expect(await run(logBy(mode))).toMatchObject({ stdout: '0\n', stderr: '' })
  })
})

describe.each(MODES)('a preload that runs again in the worker, by %s', (mode) => {
  let folder: TempFolder
  beforeEach(() => {
    folder = makeTempFolder()
  })
  afterEach(() => folder.remove())

  function preload(openTelemetry?: OpenTelemetry): string {
    const file = join(folder.path, 'preload.cjs')
    const resolve = `require = require('node:module').createRequire(${JSON.stringify(join(PACKAGE, 'package.json'))})`
    writeFileSync(file, `${resolve}\n${setUp(openTelemetry)}`)
    return file
  }

  it.each([
    ['--require in NODE_OPTIONS', (file: string) => ({ env: { NODE_OPTIONS: `--require ${file}` } })],
    ['--import in NODE_OPTIONS', (file: string) => ({ env: { NODE_OPTIONS: `--import ${file}` } })],
    ['--require', (file: string) => ({ execArgv: ['--require', file] })],
  ])('does no harm with %s: each record arrives once, and what is sent twice is said once', async (_how, optionsOf) => {
    const { stdout, stderr } = await run(logBy(mode), optionsOf(preload()))
    expect(stdout).toBe('3\n')
    expect(stderr).toMatch(WARNING)
  })

  it('says nothing where the instrumentation sends nothing', async () => {
    const file = preload({ config: { disableLogSending: true } })
    const { stdout, stderr } = await run(logBy(mode), { env: { NODE_OPTIONS: `--require ${file}` } })
    expect([stdout, stderr]).toEqual(['0\n', ''])
  })

  it('does no harm where it sets nothing up in a worker', async () => {
    const only = `if (!require('node:worker_threads').isMainThread) return`
    const file = preload({ only, config: { disableLogSending: true } })
    const { stderr } = await run(logBy(mode), { env: { NODE_OPTIONS: `--require ${file}` } })
    expect(stderr).toBe('')
  })
})
