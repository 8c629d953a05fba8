// R1 and R4: when an event happened, and when it was seen.

import winston from 'winston'
import { PROTOCOLS, Shipyard } from '../ship.ts'

const { format } = winston
const yard = new Shipyard()
const MILLIS = 1_000_000n
const now = (): bigint => BigInt(Date.now()) * MILLIS
const THEN = '2026-03-01T10:00:00.123456789Z'
const THEN_NANOS = BigInt(Date.parse('2026-03-01T10:00:00Z')) * MILLIS + 123_456_789n

describe.each(PROTOCOLS)('time over %s', (protocol) => {
  const transport = { protocol }

  it('R1: the time of a record is the moment of the log call', async () => {
    const before = now()
    let after = 0n
    const record = await yard.one((log) => (log['info']!('now'), (after = now())), { transport })
    expect(record.timeUnixNano).toBeGreaterThanOrEqual(before)
    expect(record.timeUnixNano).toBeLessThanOrEqual(after)
  })

  it.each<[string, unknown, bigint]>([
    ['an ISO text', THEN, THEN_NANOS],
    ['an ISO text with a zone', '2026-03-01T11:00:00+01:00', BigInt(Date.parse('2026-03-01T10:00:00Z')) * MILLIS],
    ['a Date', new Date(1_795_238_556_471), 1_795_238_556_471n * MILLIS],
    ['milliseconds', 1_795_238_556_471, 1_795_238_556_471n * MILLIS],
    ['seconds', 1_795_238_556, 1_795_238_556_000n * MILLIS],
  ])('R1: a timestamp of the app, as %s, is the time of the event, exactly', async (_what, timestamp, expected) => {
    const record = await yard.one((log) => log['info']!('then', { timestamp }), { transport })
    expect(record.timeUnixNano).toBe(expected)
    expect({ ...record.attributes }).toEqual({})
  })
})

describe('time', () => {
  it('R1: a timestamp that is given to the very millisecond stays exact', async () => {
    const timestamp = new Date(Date.now() - 300).toISOString()
    const record = await yard.one((log) => log['info']!('then', { timestamp }))
    expect(record.timeUnixNano).toBe(BigInt(Date.parse(timestamp)) * MILLIS)
  })

  it.each<[string, winston.Logform.Format]>([
    ['timestamp()', format.timestamp()],
    ['timestamp() cut to seconds', format.timestamp({ format: 'YYYY-MM-DDTHH:mm:ssZZ' })],
    ['timestamp() before logstash()', format.combine(format.timestamp(), format.logstash())],
  ])('R1: %s is the time of formatting: the log call, which was earlier, counts', async (_name, timestamp) => {
    const calls: number[] = []
    const record = await yard.one((log) => (calls.push(Date.now()), log['info']!('now'), calls.push(Date.now())), {
      logger: { format: format.combine(timestamp, slow(), format.json()) },
    })
    expect(Number(record.timeUnixNano / MILLIS)).toBeGreaterThanOrEqual(calls[0]!)
    expect(record.timeUnixNano % MILLIS).toBe(0n)
    expect(Number(record.timeUnixNano / MILLIS)).toBeLessThan(calls[1]!)
    expect({ ...record.attributes }).toEqual({})
  })

  it('R1: a format that writes the time of the event is believed', async () => {
    const eventTime = format((info) => Object.assign(info, { timestamp: THEN }))
    const record = await yard.one((log) => log['info']!('then'), { logger: { format: eventTime() } })
    expect(record.timeUnixNano).toBe(THEN_NANOS)
  })

  it.each(['2026-11-21 08:02:36', 'noon', 5, '+0ms', true])(
    'R1: a timestamp %p tells no moment for sure, and stays an attribute',
    async (timestamp) => {
      const before = Date.now()
      let after = Number.NaN
      const record = await yard.one((log) => (log['info']!('x', { timestamp }), (after = Date.now())))
      expect(Number(record.timeUnixNano / MILLIS)).toBeGreaterThanOrEqual(before)
      expect(Number(record.timeUnixNano / MILLIS)).toBeLessThanOrEqual(after)
      expect({ ...record.attributes }).toEqual({ timestamp })
    },
  )

  it('R1: a field `time` is a field like any other, and with keys.time it is the time', async () => {
    const log = (fields: object) => yard.one((it) => it['info']!('lap', fields))
    const before = Date.now()
    const own = await log({ time: THEN })
    expect(Number(own.timeUnixNano / MILLIS)).toBeGreaterThanOrEqual(before)
    expect(own.timeUnixNano).toBeLessThanOrEqual(own.observedTimeUnixNano)
    expect({ ...own.attributes }).toEqual({ time: THEN })
    const record = await yard.one((it) => it['info']!('lap', { time: THEN }), { transport: { keys: { time: 'time' } } })
    expect(record.timeUnixNano).toBe(THEN_NANOS)
    expect({ ...record.attributes }).toEqual({})
  })

  it('R4: the observed time is the moment at which the transport saw the entry', async () => {
    const before = now()
    const record = await yard.one((log) => log['info']!('now', { timestamp: THEN }))
    expect(record.observedTimeUnixNano).toBeGreaterThanOrEqual(before)
    expect(record.observedTimeUnixNano).toBeLessThanOrEqual(now() + MILLIS)
  })
})

/** A format that takes its time. */
function slow(): winston.Logform.Format {
  return format((info) => {
    for (const started = Date.now(); Date.now() < started + 2;);
    return info
  })()
}
