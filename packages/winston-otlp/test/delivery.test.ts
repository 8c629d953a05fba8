// What a transport owes winston and the app: everything arrives once, in order; log() never throws, calls back at once and
// changes nothing; the end of a logger delivers; the numbers add up.

import type { Writable } from 'node:stream'
import winston from 'winston'
import Transport from 'winston-transport'
import { type DropReason, type OtlpTransport, type Report } from 'winston-otlp'
import { createLogger, fakeStdout, type Logger, Shipyard, UNFORMATTED } from './ship.ts'

const { format } = winston
const yard = new Shipyard()
const HOUR = 3_600_000

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

function logMany(logger: Logger, count: number): void {
  for (let i = 0; i < count; i++) logger.info('line', { i })
}

function finished(logger: Logger): Promise<void> {
  return new Promise((resolve) => logger.once('finish', resolve))
}

describe('delivery', () => {
  it('100 000 entries of one tick arrive once, in order', async () => {
    const records = await yard.ship((log) => logMany(log, 100_000), { logger: { format: UNFORMATTED } })
    expect(records).toHaveLength(100_000)
    expect(records.every(({ attributes }, i) => attributes['i'] === i)).toBe(true)
  })

  it('of 5000 entries and the end of the logger, all are there when it has finished', async () => {
    const transport = yard.open({ scheduledDelayMillis: HOUR, closeTimeoutMillis: 9000 })
    const logger = createLogger({ transports: [transport] })
    const records = await yard.arrived(() => {
      logMany(logger, 5000)
      logger.end()
      return finished(logger)
    })
    expect(records.map(({ attributes }) => attributes['i'])).toEqual(numbers(5000))
    expect(transport.stats()).toMatchObject({ received: 5000, sent: 5000, waiting: { records: 0, bytes: 0 } })
  })

  it('a slow transport beside ours neither delays nor loses ours, and stdout has every line', async () => {
    const { stdout, lines } = fakeStdout()
    const records = await yard.ship((log) => {
      log.add(stdout)
      logMany(log, 1000)
    })
    expect(records.map(({ attributes }) => attributes['i'])).toEqual(numbers(1000))
    expect(lines).toHaveLength(1000)
  })

  it('a server that hangs holds nothing up: stdout has every line at once', async () => {
    yard.receiver.setAnswer({ hang: true })
    const transport = yard.open({ closeTimeoutMillis: 0, scheduledDelayMillis: 0 })
    const { stdout, lines } = fakeStdout()
    const logger = createLogger({ transports: [transport, stdout] })
    logMany(logger, 100)
    await yard.receiver.waitForRequests(yard.receiver.requests.length + 1)
    logMany(logger, 900)
    expect(lines).toHaveLength(1000)
    expect(transport.stats()).toMatchObject({ received: 1000, waiting: { records: 1000 } })
  })

  it('flush() tells whether all has been delivered', async () => {
    const transport = yard.open({ exportTimeoutMillis: 100, closeTimeoutMillis: 0 })
    const logger = createLogger({ transports: [transport] })
    logMany(logger, 3)
    expect(await transport.flush()).toEqual({ complete: true, waiting: 0 })
    yard.receiver.setAnswer({ hang: true })
    logMany(logger, 2)
    expect(await transport.flush()).toEqual({ complete: false, waiting: 2 })
  })

  it('onReport hears what is wrong, and a listener that throws disturbs nobody', async () => {
    yard.receiver.setAnswer({ status: 400, body: 'no such tenant', headers: { 'content-type': 'text/plain' } })
    const reports: Report[] = []
    const transport = yard.open({
      onReport: (report) => {
        reports.push(report)
        throw new Error('no')
      },
    })
    logMany(createLogger({ transports: [transport] }), 7)
    await transport.flush()
    expect(reports[0]).toMatchObject({ level: 'warn', message: expect.stringContaining('no such tenant') })
    expect(transport.stats()).toMatchObject({ received: 7, sent: 0, dropped: { total: 7, rejected: 7 } })
  })

  it('every entry is counted once: sent, filtered, dropped by its reason, or waiting', async () => {
    const transport = yard.open({
      minimumSeverity: 'INFO',
      filter: ({ body }) => body !== 'filtered',
      transform: (record) => {
        if (record.body === 'throw') throw new Error('no')
        return record
      },
      closeTimeoutMillis: 0,
    })
    const logger = createLogger({ level: 'silly', transports: [transport] })
    for (const message of ['a', 'filtered', 'throw', 'b'])
      for (const level of ['error', 'debug']) logger[level]!(message)
    await transport.flush()
    const expected = { received: 8, sent: 2, filtered: 5, dropped: { total: 1, hook_failed: 1 } }
    expect(transport.stats()).toMatchObject(expected)
    yard.receiver.setAnswer({ hang: true })
    logger.error('c')
    expect(transport.stats()).toMatchObject({ ...expected, received: 9, waiting: { records: 1 } })
  })
})

describe('log()', () => {
  const trap = new Proxy({}, { get: () => fail(), has: () => fail(), ownKeys: () => fail() })
  const fail = (): never => {
    throw new Error('no')
  }

  it.each<[string, unknown, DropReason | undefined]>([
    ['an entry', { level: 'info', message: 'm' }, undefined],
    ['nothing', undefined, 'encode_failed'],
    ['null', null, 'encode_failed'],
    ['a text', 'm', undefined],
    ['a trap', trap, 'encode_failed'],
    ['a function', () => 1, undefined],
  ])('of %s calls back at once, without an error, and emits none', (_what, entry, reason) => {
    const transport = yard.open()
    const events: unknown[] = []
    for (const name of ['error', 'warn', 'finish', 'close']) transport.on(name, () => events.push(name))
    const calls: unknown[][] = []
    transport.log(entry as never, (...args: unknown[]) => void calls.push(args))
    expect(calls).toEqual([[]])
    expect(events).toEqual([])
    expect(transport.stats().dropped).toEqual(reason === undefined ? { total: 0 } : { total: 1, [reason]: 1 })
  })

  it("writes back at once whatever comes: an entry that nobody gave, or one that the logger's set does not know", () => {
    const transport = yard.open({ level: 'info' })
    let calls = 0
    for (const entry of [false, 0, 'text', trap, { level: 'info', message: 'm' }]) transport.write(entry, () => calls++)
    expect(transport.stats().received).toBeLessThanOrEqual(5)
    const { _writableState: state } = transport as unknown as { _writableState: Record<string, number> }
    expect([calls, state['length'], state['pendingcb']]).toEqual([5, 0, 0])
  })

  it('emits logged for whoever listens, later', async () => {
    const transport = yard.open()
    const heard = new Promise((resolve) => transport.once('logged', resolve))
    createLogger({ transports: [transport] }).info('m')
    expect(await heard).toMatchObject({ level: 'info', message: 'm' })
  })

  it('silent transports and loggers send nothing', async () => {
    for (const silent of ['logger', 'transport'] as const) {
      const transport = yard.open(silent === 'transport' ? { silent: true } : {})
      createLogger({ silent: silent === 'logger', transports: [transport] }).info('m')
      expect(transport.stats().received).toBe(0)
    }
  })
})

describe('other transports and formats', () => {
  class Recorder extends Transport {
    readonly seen: [object, unknown][] = []
    override log(info: object, next: () => void): void {
      const own = Reflect.ownKeys(info).filter((key) => Object.prototype.propertyIsEnumerable.call(info, key))
      this.seen.push([
        info,
        structuredClone(own.map((key) => [String(key), (info as Record<PropertyKey, unknown>)[key]])),
      ])
      next()
    }
  }

  it.each<[string, winston.Logform.Format]>([
    ['json()', format.json()],
    ['prettyPrint()', format.prettyPrint()],
    ['splat() and errors()', format.combine(format.errors({ stack: true }), format.splat(), format.simple())],
  ])('see through %s the same with ours as without it', async (_name, it) => {
    const calls = (log: Logger): void => {
      const error = new TypeError('boom')
      error.stack = 'TypeError: boom\n    at x'
      log.info('m', { a: 1 })
      log.info({ message: 'm', a: { b: 1 } })
      log.info('u %s', 'bob', { a: 1 }, 7)
      log['error']!('m', error)
      log['error']!(error)
      log.child({ c: 1 }).child({ d: 1 }).info('m', [1])
      log.child({ c: 1 })['error']!(error)
    }
    const [alone, before, after] = [new Recorder(), new Recorder(), new Recorder()]
    calls(createLogger({ format: it, transports: [alone] }))
    calls(createLogger({ format: it, transports: [before, yard.open()] }))
    calls(createLogger({ format: it, transports: [yard.open(), after] }))
    const expected = alone.seen.map(([, copy]) => copy)
    expect(expected).toHaveLength(7)
    for (const { seen } of [before, after]) expect(seen.map(([, copy]) => copy)).toEqual(expected)
    // Nor afterwards.
    expect(JSON.stringify(after.seen.map(([info]) => info))).toBe(JSON.stringify(alone.seen.map(([info]) => info)))
  })

  it('an entry of the app is left as it was, but for one symbol that nobody sees', async () => {
    const meta = { a: { b: 1 }, list: [1] }
    const entry = { message: 'm', a: 1 }
    await yard.ship((log) => void (log.info('m', meta), log.info(entry)), { logger: { format: UNFORMATTED } })
    expect(meta).toEqual({ a: { b: 1 }, list: [1] })
    expect(Reflect.ownKeys(meta)).toEqual(['a', 'list'])
    expect({ ...entry }).toEqual({ message: 'm', a: 1, level: 'info', [Symbol.for('level')]: 'info' })
  })

  it('a second transport whose format throws takes none of ours, and the app gets its error as ever', async () => {
    const throwing = format(() => {
      throw new Error('no')
    })
    const { stdout } = fakeStdout()
    stdout.format = throwing()
    const records = await yard.ship((log) => {
      log.add(stdout)
      for (const i of [0, 1]) expect(() => log.info('m', { i })).toThrow('no')
    })
    expect(records.map(({ attributes }) => attributes['i'])).toEqual([0, 1])
  })

  it('a format of this transport changes what is sent, and stdout nothing', async () => {
    const { stdout, lines } = fakeStdout()
    const hide = format((info) => (info['secret'] === true ? false : Object.assign(info, { message: 'changed' })))
    const records = await yard.ship(
      (log) => {
        log.add(stdout)
        log.info('m', { a: { b: 1 } })
        log.info('m', { secret: true })
      },
      { transport: { format: hide() } },
    )
    expect(records).toMatchObject([{ body: 'changed', attributes: { a: { b: 1 } } }])
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['m', 'm'])
  })

  it('a format of this transport that throws costs its entry, is counted and said, and the app feels nothing', async () => {
    const reports: Report[] = []
    const picky = format((info) => {
      if (info['bad'] === true) throw new Error('no')
      return info
    })
    const { stdout, lines } = fakeStdout()
    let transport: OtlpTransport | undefined
    const records = await yard.arrived(() => {
      transport = yard.open({ format: picky(), onReport: (report) => void reports.push(report) })
      const logger = createLogger({ transports: [transport, stdout] })
      logger.info('a')
      logger.info('b', { bad: true })
      logger.info('c')
      return transport.flush()
    })
    expect(records.filter(({ eventName }) => eventName === '').map(({ body }) => body)).toEqual(['a', 'c'])
    expect(lines).toHaveLength(3)
    expect(transport?.stats().dropped).toEqual({ total: 1, hook_failed: 1 })
    expect(reports.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: expect.stringContaining('format threw') },
    ])
  })

  it('a winston logger takes the transport, by its types, too', () => {
    const transport = yard.open()
    const one: winston.transport = transport
    const stream: Writable = transport
    const options: winston.LoggerOptions = { transports: one, exceptionHandlers: [transport] }
    expect(stream).toBeInstanceOf(Transport)
    expect(options.transports).toBe(transport)
  })
})
