// The end of a process, in processes of their own: however an app ends, what it logged is delivered or counted, within a
// bounded time, and the app's own end stays what it was: exit code and stderr. An error that nobody catches ends it at
// once, where winston alone would wait for 3 s.

import { join } from 'node:path'
import { type Receiver, runApp, startApp, startReceiver } from '@otlp-logs/test-support'
import type { OtlpTransportOptions } from 'winston-otlp'

const PACKAGE_FOLDER = join(__dirname, '..')
const HOUR = 3_600_000

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(async () => {
  const { problems } = receiver
  await receiver.close()
  expect(problems).toEqual([])
})

describe('the end of a process', () => {
  test.each([1, 5000])(
    'a natural end delivers %i lines, prints nothing and takes no noticeable time',
    async (count) => {
      const { code, stderr, afterMillis } = await run(`${logLines(count)}; process.exitCode = 4`)
      expect({ code, stderr, arrived: arrived() }).toEqual({ code: 4, stderr: '', arrived: lines(count) })
      expect(afterMillis).toBeLessThan(3000)
    },
  )

  test('process.exit(7) right after 5000 lines delivers them and keeps the code', async () => {
    const { code, stderr } = await run(`${logLines(5000)}; process.exit(7)`)
    expect({ code, stderr, arrived: arrived() }).toEqual({ code: 7, stderr: '', arrived: lines(5000) })
  })

  test('process.exit right after logger.end() delivers', async () => {
    const { code } = await run(`${logLines(100)}; logger.end(); process.exit(7)`)
    expect({ code, arrived: new Set(arrived()) }).toEqual({ code: 7, arrived: new Set(lines(100)) })
  })

  test.each([
    ['a natural end', '', 0],
    ['process.exit(3)', 'process.exit(3)', 3],
    ['an exception', "throw new Error('boom')", 1],
    ["the logger's end", "logger.on('finish', () => process.exit(5)); logger.end()", 5],
  ])(
    'with a collector that hangs, %s comes by closeTimeoutMillis, with the count on stderr',
    async (_end, end, expected) => {
      receiver.setAnswer({ hang: true })
      const { code, stderr, afterMillis } = await run(`${logLines(7)}; ${end}`, { closeTimeoutMillis: 500 })
      expect(code).toBe(expected)
      expect(stderr.match(/\b7 log records not delivered/g)).toHaveLength(1)
      expect(afterMillis).toBeGreaterThan(400)
      // A second more is what is promised; the rest is for a slow machine.
      expect(afterMillis).toBeLessThan(500 + 3000)
    },
  )

  test('logger.close() with a collector that hangs holds the process no longer than that, twice', async () => {
    receiver.setAnswer({ hang: true })
    const { code, afterMillis } = await run(`${logLines(7)}; logger.close()`, { closeTimeoutMillis: 500 })
    expect(code).toBe(0)
    expect(afterMillis).toBeLessThan(2 * 500 + 3000)
  })

  test('closeOnSignals delivers at SIGTERM, and the app still dies of it', async () => {
    const source = `${logLines(10)}; console.log('ready'); setInterval(() => {}, 1000)`
    const app = startApp(appOf(source, { closeOnSignals: true }), { resolveFrom: PACKAGE_FOLDER })
    await app.stdoutLine('ready')
    app.kill('SIGTERM')
    expect(await app.done).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' })
    expect(arrived()).toEqual(lines(10))
  })
})

describe('an error that nobody catches', () => {
  const ERROR = `Object.assign(new TypeError('boom', { cause: new Error('inner') }), { code: 'E' })`
  const THROW = `setTimeout(() => { throw ${ERROR} }, 1)`
  const REJECT = `setTimeout(() => { void Promise.reject(${ERROR}) }, 1)`

  test.each([
    ['an exception, with handleExceptions', THROW, { handleExceptions: true }, 'uncaughtException: boom'],
    ['a rejection, with handleRejections', REJECT, { handleRejections: true }, 'unhandledRejection: boom'],
  ])(
    '%s: it and the lines before it arrive, the code is 1, and the process is gone at once',
    async (_what, source, options, body) => {
      const { code, afterMillis } = await run(`${logLines(10)}; ${source}`, options)
      expect(code).toBe(1)
      expect(afterMillis).toBeLessThan(1000)
      expect(arrived()).toEqual([...lines(10), undefined])
      expectCrash(body)
    },
  )

  test('through exceptionHandlers, which call log() directly, it arrives once, as fast', async () => {
    const { code, afterMillis } = await run(THROW, {}, 'exceptionHandlers: [transport], transports: [stdout]')
    expect({ code, count: receiver.records.length }).toEqual({ code: 1, count: 1 })
    expect(afterMillis).toBeLessThan(1000)
    expectCrash('uncaughtException: boom')
  })

  test('of a transport that is an exception handler and a transport, it arrives once', async () => {
    const { code } = await run(
      `${logLines(2)}; ${THROW}`,
      {},
      'exceptionHandlers: [transport], transports: [transport]',
    )
    expect({ code, arrived: arrived() }).toEqual({ code: 1, arrived: [0, 1, undefined] })
  })

  test.each([
    ['false', 'false'],
    ['a function that says no', '() => false'],
  ])('with exitOnError %s the app lives, and later lines arrive', async (_what, exitOnError) => {
    const source = `${logLines(1)}; ${THROW}; setTimeout(() => { logger.info('line', { i: 1 }) }, 50)
      transport.on('finish', () => console.log('finished'))`
    const { code, stdout } = await run(
      source,
      { handleExceptions: true },
      `exitOnError: ${exitOnError}, transports: [transport]`,
    )
    expect({ code, arrived: arrived() }).toEqual({ code: 0, arrived: [0, undefined, 1] })
    expect(stdout).not.toContain('finished')
  })

  // winston waits 3 s for the console, which never says that it is done.
  test('beside another handler that winston waits for, lines until the end arrive, too', async () => {
    const source = `${THROW}; setTimeout(() => { logger.info('line', { i: 1 }) }, 100)`
    const { code } = await run(
      source,
      { handleExceptions: true },
      `transports: [transport, new winston.transports.Console({ handleExceptions: true })]`,
    )
    expect({ code, arrived: arrived() }).toEqual({ code: 1, arrived: [undefined, 1] })
  })

  test('without handleExceptions the app ends as ever, and what it logged arrives', async () => {
    const { code, stderr } = await run(`${logLines(10)}; ${THROW}`)
    expect({ code, arrived: arrived() }).toEqual({ code: 1, arrived: lines(10) })
    expect(stderr).toContain('TypeError: boom\n    at ')
  })

  test.each([
    ['a text', `'no'`, 'uncaughtException: no', { error: 'no' }],
    ['an object', `{ reason: 'no' }`, 'uncaughtException: (no error message)', { error: { reason: 'no' } }],
    ['nothing', 'undefined', 'uncaughtException: (no error message)', {}],
  ])('that is %s is not lost', async (_what, thrown, body, attributes) => {
    await run(`setTimeout(() => { throw ${thrown} }, 1)`, { handleExceptions: true })
    expect(receiver.records).toHaveLength(1)
    expect(receiver.records[0]!.body).toContain(body)
    expect(receiver.records[0]!.attributes).toMatchObject(attributes)
  })

  test('is told without the command line and what else winston collects, also where metadata() has moved it', async () => {
    for (const format of ['json()', 'combine(winston.format.errors({ stack: true }), winston.format.metadata())']) {
      await run(THROW, { handleExceptions: true }, `format: winston.format.${format}, transports: [transport]`)
      expect(JSON.stringify(receiver.records.at(-1)!.attributes)).not.toMatch(/argv|memoryUsage|loadavg|execPath/)
    }
    expect(receiver.records).toHaveLength(2)
  })
})

function expectCrash(body: string): void {
  const { attributes, ...record } = receiver.records.at(-1)!
  expect(record).toMatchObject({ severityNumber: 17, severityText: 'error', body: expect.stringContaining(body) })
  expect(attributes).toMatchObject({
    'exception.type': 'TypeError',
    'exception.message': 'boom',
    'exception.stacktrace': expect.stringMatching(/^TypeError: boom\n {4}at [\s\S]*\ncaused by: Error: inner\n/),
  })
  expect(attributes['error']).toEqual({ code: 'E', cause: { type: 'Error', message: 'inner' } })
  expect(Object.keys(attributes).toSorted()).toEqual([
    'error',
    'exception.message',
    'exception.stacktrace',
    'exception.type',
  ])
}

function logLines(count: number): string {
  return `for (let i = 0; i < ${count}; i++) logger.info('line', { i })`
}

function lines(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

function arrived(): unknown[] {
  return receiver.records.map(({ attributes }) => attributes['i'])
}

/** An app whose lines are due in an hour, so that what arrives is owed to its end. */
function appOf(source: string, options: OtlpTransportOptions, logger = 'transports: [transport]'): string {
  const all = JSON.stringify({ endpoint: receiver.endpoint, scheduledDelayMillis: HOUR, ...options })
  return [
    `import { Writable } from 'node:stream'`,
    `import winston from 'winston'`,
    `import { OtlpTransport } from 'winston-otlp'`,
    `const stdout = new winston.transports.Stream({ stream: new Writable({ write: (_line, _encoding, done) => done() }) })`,
    `const transport = new OtlpTransport(${all})`,
    `const logger = winston.createLogger({ ${logger} })`,
    `process.stdout.write('logging at ' + Date.now() + '\\n')`,
    source,
  ].join('\n')
}

async function run(source: string, options: OtlpTransportOptions = {}, logger?: string) {
  const startedAt = Date.now()
  const result = await runApp(appOf(source, options, logger), { resolveFrom: PACKAGE_FOLDER })
  const loggingAt = Number(/logging at (\d+)/.exec(result.stdout)?.[1])
  return { ...result, afterMillis: startedAt + result.millis - loggingAt }
}
