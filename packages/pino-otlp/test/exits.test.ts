// The end of a process, in processes of their own: however an app ends, what it logged is delivered or counted, within a
// bounded time, and the app's own end stays what it was: exit code, signal, stderr.

import { join } from 'node:path'
import { type Receiver, type ReceiverOptions, runApp, startApp, startReceiver } from '@otlp-logs/test-support'
import type { OtlpOptions } from 'pino-otlp'

const PACKAGE_FOLDER = join(__dirname, '..')
const HOUR = 3_600_000
const MODES = ['target', 'otlpTransport', 'otlpStream'] as const
type Mode = (typeof MODES)[number] | 'none'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(() => receiver.close())

describe.each(MODES)('%s', (mode) => {
  test.each([1, 1000])(
    'a natural end delivers %i lines, prints nothing and takes no noticeable time',
    async (count) => {
      const { code, stderr, afterMillis } = await run(mode, `${logLines(count)}; process.exitCode = 4`)
      expect({ code, stderr, arrived: arrived() }).toEqual({ code: 4, stderr: '', arrived: lines(count) })
      expect(afterMillis).toBeLessThan(3000)
    },
  )

  test.each([1, 1000])('process.exit(3) right after %i lines delivers them and keeps the code', async (count) => {
    const { code, stderr } = await run(mode, `${logLines(count)}; process.exit(3)`)
    expect({ code, stderr, arrived: arrived() }).toEqual({ code: 3, stderr: '', arrived: lines(count) })
  })

  test('an exception that nobody catches delivers, and ends the app as ever: code 1, and the stack on stderr', async () => {
    const source = `${logLines(10)}; setTimeout(() => { throw new Error('boom') }, 1)`
    const { code, signal, stderr } = await run(mode, source)
    const without = await run('none', source)
    expect(arrived()).toEqual(lines(10))
    expect(stderr).toContain('Error: boom\n    at ')
    expect({ code, signal, stderr }).toEqual({ code: 1, signal: null, stderr: without.stderr })
  })

  test.each([
    ['a natural end', '', 0],
    ['process.exit(3)', 'process.exit(3)', 3],
    ['an exception', "throw new Error('boom')", 1],
  ])(
    'with a collector that hangs, %s comes by closeTimeoutMillis, with the count on stderr',
    async (_end, end, expected) => {
      receiver.setAnswer({ hang: true })
      const { code, stderr, afterMillis } = await run(mode, `${logLines(7)}; ${end}`, {
        closeTimeoutMillis: 500,
        maxExportBatchSize: 3,
      })
      expect(code).toBe(expected)
      expect(stderr.match(/\b7 log records not delivered/g)).toHaveLength(1)
      expect(afterMillis).toBeGreaterThan(400)
      // A second more is what is promised; the rest is for a slow machine.
      expect(afterMillis).toBeLessThan(500 + 3000)
    },
  )

  test('with nobody at the endpoint, process.exit(3) keeps its code, and the count is on stderr', async () => {
    const { endpoint } = receiver
    await receiver.close()
    const source = `${logLines(7)}; process.exit(3)`
    const { code, stderr, afterMillis } = await run(mode, source, { endpoint, closeTimeoutMillis: 500 })
    expect(code).toBe(3)
    expect(stderr).toContain('7 log records not delivered')
    expect(afterMillis).toBeLessThan(500 + 3000)
  })

  test("what an app logs in its own handler of 'beforeExit' arrives, too", async () => {
    const source = `
      process.once('beforeExit', async () => {
        await new Promise(setImmediate)
        logger.info({ i: 1 }, 'line')
        process.exit(5)
      })
      logger.info({ i: 0 }, 'line')`
    const { code, stderr } = await run(mode, source)
    expect({ code, stderr }).toEqual({ code: 5, stderr: '' })
    // What was on its way when the app ended may come twice.
    expect(new Set(arrived())).toEqual(new Set([0, 1]))
  })

  test('without closeOnSignals no listener is added, and a signal ends the app at once', async () => {
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'uncaughtException', 'unhandledRejection']
    const source = `${logLines(1)}; console.log(${JSON.stringify(signals)}.map((name) => process.listenerCount(name)).join())`
    const app = startApp(appOf(mode, `${source}; setInterval(() => {}, 1000)`, {}), { resolveFrom: PACKAGE_FOLDER })
    expect(await app.stdoutLine(/^\d(,\d)+$/)).toBe('0,0,0,0,0')
    app.kill('SIGTERM')
    expect(await app.done).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' })
  })

  test('a handler of the app that ends it with process.exit delivers', async () => {
    const source = `process.on('SIGTERM', () => process.exit(9)); ${logLines(10)}; console.log('ready'); setInterval(() => {}, 1000)`
    const app = startApp(appOf(mode, source, {}), { resolveFrom: PACKAGE_FOLDER })
    await app.stdoutLine('ready')
    app.kill('SIGTERM')
    expect(await app.done).toMatchObject({ code: 9, signal: null, stderr: '' })
    expect(arrived()).toEqual(lines(10))
  })
})

describe.each(['otlpTransport', 'otlpStream'] as const)('%s', (mode) => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'closeOnSignals delivers at %s, and the app still dies of it',
    async (signal) => {
      const source = `${logLines(10)}; console.log('ready'); setInterval(() => {}, 1000)`
      const app = startApp(appOf(mode, source, { closeOnSignals: true }), { resolveFrom: PACKAGE_FOLDER })
      await app.stdoutLine('ready')
      app.kill(signal)
      expect(await app.done).toMatchObject({ code: null, signal, stderr: '' })
      expect(arrived()).toEqual(lines(10))
    },
  )

  test('closeOnSignals leaves the end to a handler of the app', async () => {
    const source = `
      process.on('SIGTERM', () => setTimeout(() => process.exit(9), 50))
      ${logLines(10)}; console.log('ready'); setInterval(() => {}, 1000)`
    const app = startApp(appOf(mode, source, { closeOnSignals: true }), { resolveFrom: PACKAGE_FOLDER })
    await app.stdoutLine('ready')
    app.kill('SIGTERM')
    expect(await app.done).toMatchObject({ code: 9, signal: null })
    expect(arrived()).toEqual(lines(10))
  })

  test('close() takes the listeners for signals away again', async () => {
    const source = `await transport.close(); console.log('listeners', process.listenerCount('SIGTERM'))`
    const { stdout } = await run(mode, source, { closeOnSignals: true })
    expect(stdout).toContain('listeners 0')
  })
})

describe('the exit worker of otlpStream', () => {
  test('sends the headers of the options, and tries again what is worth it', async () => {
    receiver.setAnswer([{ status: 503 }, {}])
    await run('otlpStream', `${logLines(3)}; process.exit(0)`, {
      headers: { authorization: 'Bearer t' },
      compression: 'gzip',
    })
    expect(receiver.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer t', 'Bearer t'])
    expect(arrived()).toEqual(lines(3))
    expect(receiver.problems).toEqual([])
  })

  test('serves all transports of a process, and one that hangs takes nothing from the others', async () => {
    const hanging: ReceiverOptions = { answer: { hang: true } }
    const other = await startReceiver(hanging)
    const source = `
      const dead = otlpStream({ endpoint: ${JSON.stringify(other.endpoint)}, closeTimeoutMillis: 300 })
      pino(dead).info('lost')
      ${logLines(10)}; process.exit(3)`
    const { code, stderr } = await run('otlpStream', source, { closeTimeoutMillis: 1000 })
    await other.close()
    expect(code).toBe(3)
    expect(stderr).toMatch(/^pino-otlp: 1 log record not delivered [^\n]*\n$/)
    expect(arrived()).toEqual(lines(10))
  })

  test("counts what is logged after it, in a later handler of 'exit'", async () => {
    const source = `process.on('exit', () => logger.info('too late')); ${logLines(3)}`
    const { stderr } = await run('otlpStream', source)
    expect(arrived()).toEqual(lines(3))
    expect(stderr).toContain('1 log record not delivered')
  })

  test('counts what a server refuses by a partial success as rejected', async () => {
    receiver.setAnswer({ partialSuccess: { rejected: 4, message: 'too old' } })
    const { stdout } = await run(
      'otlpStream',
      `process.on('exit', () => console.log(JSON.stringify(transport.stats()))); ${logLines(10)}; process.exit(3)`,
    )
    expect(receiver.records).toHaveLength(6)
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ sent: 6, dropped: { total: 4, rejected: 4 } })
  })

  test('does not send again what a 2xx status line has accepted, though its answer still drips', async () => {
    receiver.setAnswer({ trickle: { bytesPerChunk: 1, intervalMillis: 100, totalBytes: 1000 } })
    const source = `
      const { subscribe } = await import('node:diagnostics_channel')
      process.on('exit', () => console.log(JSON.stringify(transport.stats())))
      subscribe('http.client.response.finish', () => setImmediate(() => process.exit(3)))
      ${logLines(10)}; void transport.flush()`
    const { stdout, stderr } = await run('otlpStream', source)
    expect(arrived()).toEqual(lines(10))
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ sent: 10, dropped: { total: 0 } })
    expect(stderr).toBe('')
  })

  test('counts what a server refuses as rejected', async () => {
    receiver.setAnswer({ status: 400 })
    const { code, stderr } = await run('otlpStream', `${logLines(10)}; process.exit(3)`)
    expect({ code, count: receiver.requests.length }).toEqual({ code: 3, count: 1 })
    expect(stderr).toMatch(/10 log records dropped \(rejected/)
  })
})

function logLines(count: number): string {
  return `for (let i = 0; i < ${count}; i++) logger.info({ i }, 'line')`
}

function lines(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

function arrived(): unknown[] {
  return receiver.records.map(({ attributes }) => attributes['i'])
}

/** An app whose lines are due in an hour, so that what arrives is owed to its end. */
function appOf(mode: Mode, source: string, options: OtlpOptions): string {
  const all = JSON.stringify({ endpoint: receiver.endpoint, scheduledDelayMillis: HOUR, ...options })
  const transports: Record<Mode, string> = {
    target: `pino.transport({ target: 'pino-otlp', options: ${all} })`,
    otlpTransport: `otlpTransport(${all})`,
    otlpStream: `otlpStream(${all})`,
    none: `{ write() {} }`,
  }
  return [
    `import pino from 'pino'`,
    `import { otlpStream, otlpTransport } from 'pino-otlp'`,
    `const transport = ${transports[mode]}`,
    `const logger = pino({ base: null }, transport)`,
    `process.stdout.write('logging at ' + Date.now() + '\\n')`,
    source,
  ].join('\n')
}

async function run(mode: Mode, source: string, options: OtlpOptions = {}) {
  const startedAt = Date.now()
  const result = await runApp(appOf(mode, source, options), { resolveFrom: PACKAGE_FOLDER })
  const loggingAt = Number(/logging at (\d+)/.exec(result.stdout)?.[1])
  // Of one run to the next, only the name of the app's file changes.
  const stderr = result.stderr.replaceAll(/\.app-[\w-]+/g, '.app')
  return { ...result, stderr, afterMillis: startedAt + result.millis - loggingAt }
}
