// R1 to R4: when an event happened, and when it was seen.

import pino from 'pino'
import { MODES, only, Shipyard, WAYS } from './ship.ts'

const yard = new Shipyard()
const MILLIS = 1_000_000n
const now = (): bigint => BigInt(Date.now()) * MILLIS

describe.each(WAYS)('time by %s over %s', (mode, protocol) => {
  const transport = { protocol }

  it('R1: the time of a record is the time of its line', async () => {
    const lines: string[] = []
    const destination = yard.open(mode, { transport })
    const both = pino.multistream([
      { stream: { write: (line: string) => void lines.push(line) } },
      { stream: destination },
    ])
    const [record] = await yard.arrived(() => {
      pino({}, both).info('now')
      return destination.flush()
    })
    expect(record!.timeUnixNano).toBe(BigInt((JSON.parse(lines[0]!) as { time: number }).time) * MILLIS)
  })

  it('R3: milliseconds become nanoseconds exactly', async () => {
    const record = await yard.one(mode, (logger) => logger.info('then'), {
      logger: { timestamp: () => ',"time":1795238556471' },
      transport,
    })
    expect(record.timeUnixNano).toBe(1_795_238_556_471_000_000n)
  })
})

describe.each(MODES)('time by %s', (mode) => {
  it('R1: a record that is logged long before it is sent keeps its own time', async () => {
    const then = Date.now() - 5000
    const logger = { timestamp: () => `,"time":${then}` }
    const record = await yard.one(mode, (log) => log.info('5 s ago'), { logger })
    expect(record.timeUnixNano).toBe(BigInt(then) * MILLIS)
    expect(record.observedTimeUnixNano - record.timeUnixNano).toBeGreaterThanOrEqual(5000n * MILLIS)
  })

  it('R1: without a time, none is invented: `timestamp: false` leaves it out, and the observed time is there', async () => {
    const record = await yard.one(mode, (log) => log.info('when?'), { logger: { timestamp: false } })
    expect(record.timeUnixNano).toBe(0n)
    expect(record.observedTimeUnixNano).toBeGreaterThan(0n)
  })

  it('R3: all nine digits of isoTimeNano arrive', async () => {
    const logger = { timestamp: () => ',"time":"2026-11-21T08:02:36.471123456Z"' }
    const record = await yard.one(mode, (log) => log.info('then'), { logger })
    expect(record.timeUnixNano).toBe(BigInt(Date.parse('2026-11-21T08:02:36Z')) * MILLIS + 471_123_456n)
  })

  it('R4: the observed time is the moment at which the record was seen', async () => {
    const before = now()
    const record = await yard.one(mode, (log) => log.info('now'))
    expect(record.observedTimeUnixNano).toBeGreaterThanOrEqual(before)
    expect(record.observedTimeUnixNano).toBeLessThanOrEqual(now() + MILLIS)
    expect(record.observedTimeUnixNano).toBeGreaterThanOrEqual(record.timeUnixNano)
  })

  it('R4: a line that is not JSON has an observed time, too', async () => {
    const record = only(await yard.write(mode, 'Killed\n'))
    expect(record).toMatchObject({ body: 'Killed', timeUnixNano: 0n, severityNumber: 0 })
    expect(record.observedTimeUnixNano).toBeGreaterThan(0n)
  })
})

const { epochTime, unixTime, isoTime, isoTimeNano } = pino.stdTimeFunctions

/** When a call was made. Some times are of whole seconds, rounded. */
class Moment {
  readonly #before = Date.now()
  #after = Number.NaN

  isOver(): void {
    this.#after = Date.now()
  }

  expectToBe(timeUnixNano: bigint): void {
    const millis = Number(timeUnixNano / MILLIS)
    expect(millis).toBeGreaterThan(this.#before - 1000)
    expect(millis).toBeLessThan(this.#after + 1000)
  }
}

describe.each(MODES)('time functions by %s', (mode) => {
  it.each<[string, pino.LoggerOptions['timestamp']]>([
    ['epochTime', epochTime],
    ['unixTime', unixTime],
    ['isoTime', isoTime],
    ['isoTimeNano', isoTimeNano],
    [
      'one of the user, with a zone',
      () => `,"time":"${new Date(Date.now() + 3_600_000).toISOString().replace('Z', '+01:00')}"`,
    ],
    ['one of the user, as RFC 1123', () => `,"time":"${new Date().toUTCString()}"`],
    ['one of the user, under another name', () => `,"@timestamp":"${new Date().toISOString()}"`],
    ['one of the user, in microseconds', () => `,"time":${Date.now()}000`],
  ])('R2: the time that %s writes is understood', async (_name, timestamp) => {
    const moment = new Moment()
    const record = await yard.one(mode, (log) => (log.info({ a: 1 }, 'now'), moment.isOver()), {
      logger: { timestamp: timestamp! },
    })
    moment.expectToBe(record.timeUnixNano)
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it('R2: what is no time stays an attribute, and the line arrives', async () => {
    const record = await yard.one(mode, (log) => log.info('lunch'), { logger: { timestamp: () => ',"time":"noon"' } })
    expect(record).toMatchObject({ body: 'lunch', timeUnixNano: 0n })
    expect({ ...record.attributes }).toEqual({ time: 'noon' })
  })

  it('R2: a `time` in what was logged is not taken for the time of the line', async () => {
    const moment = new Moment()
    const record = await yard.one(mode, (log) => (log.info({ time: 42 }, 'lap'), moment.isOver()))
    moment.expectToBe(record.timeUnixNano)
    expect({ ...record.attributes }).toEqual({ time: 42 })
  })
})
