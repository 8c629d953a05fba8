// The ways to set the transport up, each with what only it can get wrong.

import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { type App, type AppResult, type Receiver, startApp, startReceiver } from '@otlp-logs/test-support'
import pino from 'pino'
import { type OtlpOptions, otlpStream, otlpTransport } from 'pino-otlp'

const DIRECT = [
  ['otlpTransport', otlpTransport],
  ['otlpStream', otlpStream],
] as const

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  expect(receiver.problems).toEqual([])
  await receiver.close()
})

const bodies = (): unknown[] => receiver.records.map(({ body }) => body)

/** Starts a program in an app's place; `options` are those of the transport. */
function start(main: string): App {
  const imports = `import pino from 'pino'\nimport { otlpStream, otlpTransport } from 'pino-otlp'\n`
  const options = `const options = ${JSON.stringify({ endpoint: receiver.endpoint })}\n`
  const settings = { resolveFrom: join(__dirname, '..'), keepInput: true, timeoutMillis: 80_000 }
  return startApp(`${imports}${options}${main}`, settings)
}

function run(main: string): Promise<AppResult> {
  const app = start(main)
  app.endInput()
  return app.done
}

describe('a burst of 100 000 lines in one tick arrives, each once', () => {
  const BURST = `for (let i = 0; i < 100_000; i++) logger.info({ i }, 'line')`
  test.each([
    ['the worker target', `const logger = pino({ transport: { target: 'pino-otlp', options } })\n${BURST}`],
    ['otlpTransport', `const logger = pino(otlpTransport(options))\n${BURST}`],
    ['otlpStream', `const logger = pino(otlpStream(options))\n${BURST}`],
  ])(
    'by %s',
    async (_, main) => {
      // The app lives until all is there: how long a busy machine takes is no matter here.
      const app = start(`${main}\nprocess.stdin.resume()`)
      await receiver.waitForRecords(100_000, 60_000)
      app.endInput()
      expect(await app.done).toMatchObject({ code: 0, stderr: '' })
      expect(receiver.records).toHaveLength(100_000)
      expect(new Set(receiver.records.map(({ attributes }) => attributes['i'])).size).toBe(100_000)
    },
    90_000,
  )
})

describe('the worker target', () => {
  test.each([
    ['alone', `{ target: 'pino-otlp', options }`],
    [
      'among targets',
      `{ targets: [{ target: 'pino/file', options: { destination: 1 } }, { target: 'pino-otlp', options }] }`,
    ],
    [
      'at the end of a pipeline',
      `{ pipeline: [{ target: ${JSON.stringify(join(__dirname, 'through.mjs'))} }, { target: 'pino-otlp', options }] }`,
    ],
  ])('delivers %s', async (_, transport) => {
    const { code, stderr } = await run(`pino({ transport: ${transport} }).info({ a: 1 }, 'hello')`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(receiver.records).toMatchObject([{ body: 'hello', severityText: 'info', attributes: { a: 1 } }])
  })

  test.each([
    ['endpoint', `{ endpoint: 'localhost:4318' }`],
    ['redact.paths', `{ redact: { paths: ['user['] } }`],
  ])('says once that the option `%s` is wrong, and takes nothing from the other targets', async (name, wrong) => {
    const { code, stdout, stderr } = await run(`
      const targets = [{ target: 'pino/file', options: { destination: 1 } }, { target: 'pino-otlp', options: ${wrong} }]
      const logger = pino({ transport: { targets } })
      for (let i = 0; i < 3; i++) logger.info('hello')`)
    expect(code).toBe(0)
    expect(stdout.match(/hello/g)).toHaveLength(3)
    expect(stderr).toMatch(/^pino-otlp: Expected `[\w.]+` to [^\n]*; no logs are sent\n$/)
    expect(stderr).toContain(`Expected \`${name}\``)
  })

  test('warns of an option that it does not know, and that a worker sees no signals', async () => {
    const options = `{ ...options, compresion: 'gzip', closeOnSignals: true }`
    const { stderr } = await run(`pino({ transport: { target: 'pino-otlp', options: ${options} } }).info('hello')`)
    expect(stderr).toMatch(/compresion.*compression/)
    expect(stderr).toMatch(/closeOnSignals.*otlpTransport/)
    expect(bodies()).toEqual(['hello'])
  })
})

test('a transport that no logger was given ends with its app', async () => {
  const { code, stderr } = await run(`otlpTransport(options); pino.transport({ target: 'pino-otlp', options })`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

describe.each(DIRECT)('%s', (_name, create) => {
  test('serves loggers with different keys and levels', async () => {
    const transport = create({ endpoint: receiver.endpoint })
    const streams = [{ level: 'trace' as const, stream: transport }]
    const one = pino({ messageKey: 'message', customLevels: { audit: 35 } }, pino.multistream(streams))
    const two = pino({ errorKey: 'fault', base: { two: true } }, pino.multistream(streams))
    one.audit({ msg: 'an attribute' }, 'first')
    two.error({ fault: new RangeError('broken') }, 'second')
    await transport.close()
    expect(receiver.records).toMatchObject([
      { body: 'first', severityText: 'audit', severityNumber: 11 },
      { body: 'second', attributes: { two: true, 'exception.type': 'RangeError' } },
    ])
  })

  test('names the levels that only a child logger knows', async () => {
    const transport = create({ endpoint: receiver.endpoint })
    const logger = pino(transport)
    logger.child({}, { customLevels: { audit: 35 } }).audit('by the child')
    logger.info('by the parent')
    await transport.close()
    expect(receiver.records.map(({ severityText }) => severityText)).toEqual(['audit', 'info'])
  })

  test('logger.flush(callback) calls back when all lines so far have arrived', async () => {
    const transport = create({ endpoint: receiver.endpoint, scheduledDelayMillis: 60_000 })
    const logger = pino(transport)
    logger.info('hello')
    await new Promise<void>((resolve) => logger.flush(() => resolve()))
    expect(bodies()).toEqual(['hello'])
    await transport.close()
  })

  test('counts what is logged after it was closed, and does not throw', async () => {
    const transport = create({ endpoint: receiver.endpoint, diagnostics: 'none' })
    const logger = pino(transport)
    logger.info('in time')
    await transport.close()
    logger.info('too late')
    expect(transport.stats()).toMatchObject({ received: 2, sent: 1, dropped: { total: 1, shutdown: 1 } })
    expect(await transport.close()).toEqual(await transport.close())
  })

  test('opens nothing and counts nothing when it is not enabled', async () => {
    const workers: Worker[] = []
    const count = (worker: Worker): void => void workers.push(worker)
    process.on('worker', count)
    const transport = create({ endpoint: receiver.endpoint, enabled: false })
    pino(transport).info('hello')
    expect(await transport.flush()).toEqual({ complete: true, waiting: 0 })
    await transport.close()
    process.off('worker', count)
    expect({ workers, sockets: receiver.sockets }).toEqual({ workers: [], sockets: 0 })
    expect(transport.stats().received).toBe(0)
  })

  test('throws a TypeError that names a wrong option', () => {
    expect(() => create({ maxQueueBytes: 0 })).toThrow(/^Expected `maxQueueBytes` to be .*, got `0` \(number\)$/)
  })

  test('takes a Resource, with its methods and promises, for its attributes', async () => {
    const resource = { attributes: { 'service.name': 'orders' }, merge: () => resource, waitForAsync: async () => {} }
    const transport = create({ endpoint: receiver.endpoint, resource })
    pino(transport).info('hello')
    await transport.close()
    expect(receiver.records[0]!.resource['service.name']).toBe('orders')
  })
})

describe('otlpTransport', () => {
  test('refuses functions, which cannot reach its worker, and says where they can be given', () => {
    const options: OtlpOptions = { filter: () => true }
    expect(() => otlpTransport(options)).toThrow(/^Expected `filter` to be left out, got a function: .*otlpStream/)
  })

  test('counts what dies with its worker, says so, and goes on with another', async () => {
    const { code, stdout, stderr } = await run(`
      const workers = []
      process.on('worker', (worker) => workers.push(worker))
      const transport = otlpTransport({ ...options, scheduledDelayMillis: 60_000 })
      const logger = pino(transport)
      logger.info('before')
      await transport.flush()
      logger.info('lost')
      await new Promise((resolve) => workers[0].once('exit', resolve).terminate())
      // A worker that dies at once is not replaced at once.
      while (workers.length < 2) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        logger.info('between')
      }
      logger.info('after')
      await transport.flush()
      const { received, sent, dropped, waiting } = transport.stats()
      console.log(JSON.stringify({ right: received === sent + dropped.total + waiting.records, dropped }))
      await transport.close()`)
    expect(code).toBe(0)
    const { right, dropped } = JSON.parse(stdout) as { right: boolean; dropped: Record<string, number> }
    expect(right).toBe(true)
    expect(dropped['worker_died']).toBeGreaterThanOrEqual(1)
    expect(bodies()).toEqual(expect.arrayContaining(['before', 'after']))
    expect(bodies()).not.toContain('lost')
    expect(stderr).toMatch(/^pino-otlp: the worker has died .*; 1 log record lost, another worker starts\n/)
    // Those logged until the other worker ran are in the last word.
    expect(stderr.split('\n').slice(1)).toEqual([expect.stringMatching(/lost in all \(\d+ worker_died\)$/), ''])
  })
})
