// Loggers and transports come and go: one transport may serve many loggers, with levels and level sets of their own, and
// be removed, added again or closed. Each entry is sent by the rules of the logger that wrote it.

import { join } from 'node:path'
import { runApp } from '@otlp-logs/test-support'
import winston from 'winston'
import Transport from 'winston-transport'
import type { OtlpTransport, Report } from 'winston-otlp'
import { createLogger, fakeStdout, type Logger, Shipyard, UNFORMATTED } from './ship.ts'

const { npm, syslog, cli } = winston.config
const yard = new Shipyard()
const LEVELS = Object.keys(npm.levels)

/** Logs once at every level of the logger's set, and gives what arrived. */
async function levelsOf(logger: Logger, transport: OtlpTransport): Promise<string[]> {
  const records = await yard.arrived(() => {
    for (const level of Object.keys(logger['levels']!)) logger[level]!('x')
    return transport.flush()
  })
  return records.map(({ severityText }) => severityText)
}

describe('one transport for many loggers', () => {
  it('each logger keeps its level and its level set', async () => {
    const transport = yard.open()
    const loggers = [
      createLogger({ level: 'warn', transports: [transport] }),
      createLogger({ level: 'notice', levels: syslog.levels, transports: [transport] }),
      createLogger({ level: 'silly', levels: cli.levels, transports: [transport] }),
    ]
    for (const order of [loggers, loggers.toReversed()]) {
      for (const logger of order) {
        const levels = Object.keys(logger['levels']!)
        expect(await levelsOf(logger, transport)).toEqual(levels.slice(0, levels.indexOf(logger['level'] as never) + 1))
      }
    }
  })

  it('200 loggers: every entry once, and no warning about listeners', async () => {
    const source = `
      import winston from 'winston'
      import { OtlpTransport } from 'winston-otlp'
      const transport = new OtlpTransport({ endpoint: '${yard.receiver.endpoint}' })
      const loggers = Array.from({ length: 200 }, () => winston.createLogger({ transports: [transport] }))
      for (const [i, logger] of loggers.entries()) logger.info('x', { i })`
    const records = await yard.arrived(async () => {
      const { code, stderr } = await runApp(source, { resolveFrom: join(__dirname, '..') })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    })
    expect(records.map(({ attributes }) => attributes['i'])).toEqual(Array.from({ length: 200 }, (_, i) => i))
  })

  it('entries that are written in a bunch are each sent by the level of their own logger', async () => {
    const transport = yard.open()
    const loggers = ['debug', 'error'].map((level) => createLogger({ level, transports: [transport] }))
    const records = await yard.arrived(() => {
      transport.cork()
      for (const logger of loggers) for (const level of ['error', 'debug']) logger[level]!('x')
      transport.uncork()
      return transport.flush()
    })
    expect(records.map(({ severityText }) => severityText)).toEqual(['error', 'debug', 'error'])
  })

  it('one logger that is closed takes nothing from the others, nor from their levels', async () => {
    const transport = yard.open()
    const [first, second] = [
      createLogger({ transports: [transport] }),
      createLogger({ level: 'error', transports: [transport] }),
    ]
    first.close()
    expect(await levelsOf(second, transport)).toEqual(['error'])
  })
})

describe('the level', () => {
  it("of the transport stands above the logger's", async () => {
    const transport = yard.open({ level: 'debug' })
    const logger = createLogger({ level: 'error', transports: [transport] })
    expect(await levelsOf(logger, transport)).toEqual(LEVELS.slice(0, 6))
  })

  it('of the logger holds as it is at the moment', async () => {
    const transport = yard.open()
    const logger = createLogger({ level: 'error', transports: [transport] })
    Object.assign(logger, { level: 'warn' })
    expect(await levelsOf(logger, transport)).toEqual(['error', 'warn'])
  })

  it.each<[string, (logger: Logger, transport: OtlpTransport) => void]>([
    ["an 'error' of the transport", (_logger, transport) => transport.emit('error', new Error('no'))],
    ['remove and add', (logger, transport) => logger.remove(transport).add(transport)],
    ['clear and add', (logger, transport) => logger.clear().add(transport)],
    ['configure', (logger, transport) => logger.configure({ level: 'warn', transports: [transport] })],
    ['child.add', (logger, transport) => (logger.remove(transport), logger.child({}).add(transport))],
    [
      'another logger that comes and goes',
      (_logger, transport) => void createLogger({ transports: [transport] }).remove(transport),
    ],
  ])('holds after %s, and every entry is sent once', async (_what, change) => {
    const transport = yard.open()
    const logger = createLogger({ level: 'warn', transports: [transport] })
    logger.on('error', () => {})
    expect(await levelsOf(logger, transport)).toEqual(['error', 'warn'])
    change(logger, transport)
    expect(await levelsOf(logger, transport)).toEqual(['error', 'warn'])
    expect(await levelsOf(logger.child({ a: 1 }), transport)).toEqual(['error', 'warn'])
  })

  it('holds for entries that cannot be stamped, too, when the transport was removed and added again', async () => {
    const transport = yard.open()
    const logger = createLogger({ format: UNFORMATTED, transports: [transport] })
    logger.remove(transport).add(transport)
    const records = await yard.arrived(() => {
      for (const level of ['info', 'debug']) {
        logger.write(Object.freeze({ [Symbol.for('level')]: level, level, message: level }))
      }
      return transport.flush()
    })
    expect(records.map(({ body }) => body)).toEqual(['info'])
  })

  it('is found, and errors are, too, where a child of an untouched logger adds the transport', async () => {
    const transport = yard.open()
    const logger = createLogger({ transports: [fakeStdout().stdout] })
    logger.child({}).add(transport)
    const records = await yard.arrived(() => {
      logger.child({ a: 1 })['error']!(new (class OrderError extends Error {})('boom'))
      logger['debug']!('x')
      return transport.flush()
    })
    expect(records).toMatchObject([{ body: 'boom', attributes: { a: 1, 'exception.type': 'OrderError' } }])
  })
})

describe('closing', () => {
  it.each<[string, (logger: Logger, transport: OtlpTransport) => void]>([
    ['logger.close()', (logger) => logger.close()],
    ['child.close()', (logger) => logger.child({}).close()],
    ['logger.remove()', (logger, transport) => logger.remove(transport)],
    ['logger.clear()', (logger) => logger.clear()],
    ['configure() without transports', (logger) => logger.configure({})],
    ['transport.close()', (_logger, transport) => transport.close()],
  ])('%s delivers what waits, and the transport stays usable', async (_what, close) => {
    const transport = yard.open({ scheduledDelayMillis: 3_600_000 })
    const logger = createLogger({ transports: [transport, fakeStdout().stdout] })
    const before = yard.receiver.records.length
    logger.info('waits')
    close(logger, transport)
    await yard.receiver.waitForRecords(before + 1)
    if (!(logger['transports'] as unknown as unknown[]).includes(transport)) logger.add(transport)
    logger.info('later')
    await transport.flush()
    expect(yard.receiver.records.slice(before).map(({ body }) => body)).toEqual(['waits', 'later'])
  })

  it("a format that returns null, which ends winston's logger for good, takes nothing of what came before", async () => {
    const transport = yard.open({ scheduledDelayMillis: 3_600_000 })
    const fatal = winston.format((info) => (info['end'] === true ? (null as never) : info))
    const records = await yard.arrived(async () => {
      const logger = createLogger({ format: fatal(), transports: [transport] })
      logger.info('a')
      const ending = new Promise((resolve) => transport.once('finish', resolve))
      logger.info('b', { end: true })
      await ending
    })
    expect(records.map(({ body }) => body)).toEqual(['a'])
  })

  it("an 'error' that somebody emits on a transport of no logger ends nothing", () => {
    expect(() => yard.open().emit('error', new Error('no'))).not.toThrow()
  })

  it('close() may be called any number of times', async () => {
    const transport = yard.open()
    const logger = createLogger({ transports: [transport] })
    const records = await yard.arrived(() => {
      logger.info('x')
      for (let i = 0; i < 10; i++) transport.close()
      return transport.flush()
    })
    expect(records).toHaveLength(1)
  })

  it('the end of one logger: another that shares the transport is not crashed, and what it logs is counted', async () => {
    const transport = yard.open()
    const [first, second] = [
      createLogger({ transports: [transport] }),
      createLogger({ transports: [transport, fakeStdout().stdout] }),
    ]
    const records = await yard.arrived(async () => {
      first.info('a')
      second.info('b')
      await new Promise((resolve) => first.once('finish', resolve).end())
    })
    second.add(transport)
    expect(() => second.info('c')).not.toThrow()
    await new Promise(setImmediate)
    expect(records.map(({ body }) => body)).toEqual(['a', 'b'])
    expect(transport.stats()).toMatchObject({ received: 3, sent: 2, dropped: { total: 1, shutdown: 1 } })
  })

  it('logger.end() with a slow transport beside ours raises no error, and every entry is sent or counted', async () => {
    class Slow extends Transport {
      override log(_info: unknown, next: () => void): void {
        setImmediate(next)
      }
    }
    const transport = yard.open()
    const logger = createLogger({ transports: [new Slow(), transport] })
    const errors: [unknown, unknown][] = []
    logger.on('error', (error: unknown, of: unknown) => errors.push([error, of]))
    for (let i = 0; i < 200; i++) logger.info('x', { i })
    await new Promise((resolve) => logger.once('finish', resolve).end())
    expect(errors.filter(([, of]) => of === transport)).toEqual([])
    // A few of the last ones winston keeps to itself.
    const { received, sent, dropped } = transport.stats()
    expect(received).toBeGreaterThan(160)
    expect(sent + dropped.total).toBe(received)
  })
})

describe('warnings', () => {
  async function saidOf(setUp: (transport: OtlpTransport) => void, level?: string): Promise<string[]> {
    const reports: Report[] = []
    const onReport = (report: Report): void => void reports.push(report)
    const transport = yard.open({ onReport, ...(level === undefined ? {} : { level }) })
    setUp(transport)
    await transport.flush()
    return reports.filter((report) => report.level === 'warn').map(({ message }) => message)
  }
  class OpenTelemetryTransportV3 extends Transport {
    override log(_info: unknown, next: () => void): void {
      next()
    }
  }

  it('a level that the set of the logger does not have is said, once', async () => {
    const levels = { top: 0, low: 1 }
    const said = await saidOf((transport) => {
      for (let i = 0; i < 3; i++) createLogger({ levels, transports: [transport] })['top']!('x')
    })
    expect(said).toEqual([expect.stringMatching(/no level "info".*top, low/)])
    expect(await saidOf((transport) => createLogger({ transports: [transport] }).info('x'), 'trace')).toEqual([
      expect.stringContaining('no level "trace"'),
    ])
  })

  it.each<[string, (ours: OtlpTransport, other: winston.transport) => Logger]>([
    ['before', (ours, other) => createLogger({ transports: [other, ours] })],
    ['after', (ours, other) => createLogger({ transports: [ours, other] })],
    ['later', (ours, other) => createLogger({ transports: [ours] }).add(other) as unknown as Logger],
  ])('OpenTelemetryTransportV3 that is added %s ours is said, once', async (_when, make) => {
    const said = await saidOf((transport) => {
      const logger = make(transport, new OpenTelemetryTransportV3())
      for (let i = 0; i < 3; i++) logger.info('x')
    })
    expect(said).toEqual([expect.stringContaining('OpenTelemetryTransportV3')])
  })

  it('C23: OTEL_CONFIG_FILE is one warning that says what is read instead', async () => {
    process.env['OTEL_CONFIG_FILE'] = '/etc/otel.yaml'
    try {
      const said = await saidOf((transport) => createLogger({ transports: [transport] }).info('x'))
      expect(said).toEqual([expect.stringMatching(/OTEL_CONFIG_FILE.*reads its options and the other OTEL_ variables/)])
    } finally {
      delete process.env['OTEL_CONFIG_FILE']
    }
  })

  it('a set-up in which all is well says nothing', async () => {
    expect(await saidOf((transport) => createLogger({ transports: [transport] }).info('x'))).toEqual([])
  })
})
