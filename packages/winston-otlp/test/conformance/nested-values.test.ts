// V9 to V11: values that are nested, without end or with traps in them.

import { plainly, PROTOCOLS, Shipyard, UNFORMATTED } from '../ship.ts'

const yard = new Shipyard()

/** An object with one of its kind inside another, `levels` deep. */
function nested(levels: number, inner: unknown): unknown {
  let value = inner
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? { a: value } : [value]
  return value
}

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
}

interface Cycle {
  self?: Cycle
  list: unknown[]
}
const cycle: Cycle = { list: [] }
cycle.self = cycle
cycle.list.push(cycle)
const fail = (): never => {
  throw new Error('no')
}
const throwing = (key: string): object => Object.defineProperty({ b: 1 }, key, { enumerable: true, get: fail })

describe.each(PROTOCOLS)('hostile values over %s', (protocol) => {
  const setup = { logger: { format: UNFORMATTED }, transport: { protocol } }

  it.each<[string, unknown, unknown]>([
    ['a cycle', cycle, { self: '[Circular]', list: ['[Circular]'] }],
    ['a getter that throws', throwing('a'), { b: 1, a: '[Throws: no]' }],
    ['a toJSON that throws', { toJSON: fail }, '[Throws: no]'],
    [
      'a Proxy that refuses everything',
      new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail }),
      '[Throws: no]',
    ],
    [
      'an Error with a getter that throws',
      Object.defineProperty(new Error('e'), 'stack', { get: fail }),
      '[Throws: no]',
    ],
  ])('V9: %s leaves a mark and the rest of the record', async (_what, value, expected) => {
    const record = await yard.one((log) => log['info']!('x', { before: 1, value, after: 2 }), setup)
    expect(record.body).toBe('x')
    expect(plainly(record.attributes)).toEqual({ before: 1, value: expected, after: 2 })
  })

  it('V9: beside an error, and as an argument, it leaves a mark, too', async () => {
    const trap = new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail })
    const records = await yard.ship((log) => {
      log.log({ level: 'info', message: new Error('boom') as never, trap })
      log.info('%s', 1, trap)
    }, setup)
    expect(records.map(({ attributes }) => plainly(attributes))).toMatchObject([
      { trap: '[Throws: no]', 'exception.message': 'boom' },
      { splat: [1, '[Throws: no]'] },
    ])
  })

  it('V9: a getter of the entry itself that throws leaves a mark, too', async () => {
    const entry = Object.assign(throwing('a'), { level: 'info', message: 'x', after: 2 })
    const record = await yard.one(
      (log) => log.log(Object.defineProperty(entry, 'a', { enumerable: true, get: fail })),
      setup,
    )
    expect({ ...record.attributes }).toEqual({ b: 1, a: '[Throws: no]', after: 2 })
  })

  it('V9: what never ends is cut, and takes no time', async () => {
    const long = Array.from({ length: 300_000 }, (_, i) => i)
    const started = process.cpuUsage()
    const records = await yard.ship((log) => {
      log['info']!('deep', { value: nested(10_000, 'core'), after: 1 })
      log['info']!('wide', { value: long, after: 2 })
    }, setup)
    // Of this process alone: what others do on the machine is no matter.
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1000).toBeLessThan(5000)
    const [deep, wide] = records
    expect(deep).toMatchObject({ body: 'deep', attributes: { after: 1 } })
    expect(wide).toMatchObject({ body: 'wide', attributes: { 'otlp_logs.truncated': true } })
  })

  // See ../../../pino-otlp/test/conformance/nested-values.test.ts for why it is not 64.
  it('V10: below level 30, in an attribute or the body, a mark stands instead', async () => {
    const [fits, deeper, body] = await yard.ship((log) => {
      log['info']!('x', { value: nested(30, 'core') })
      log['info']!('x', { value: nested(31, 'core') })
      log['info']!(nested(10_000, 'core'))
    }, setup)
    expect(depthOf(fits!.attributes['value'])).toBe(30)
    expect(JSON.stringify(fits!.attributes['value'])).toContain('core')
    expect(depthOf(deeper!.attributes['value'])).toBe(30)
    expect(JSON.stringify(deeper!.attributes['value'])).toContain('[Truncated: nested deeper than 30 levels]')
    expect(depthOf(body!.body)).toBe(30)
  })

  it('V11: nested data is sent as maps and arrays, not as text', async () => {
    const c = { kvlistValue: { values: [{ key: 'c', value: { intValue: '2' } }] } }
    const b = { arrayValue: { values: [{ intValue: '1' }, c] } }
    expect(await yard.value({ b: [1, { c: 2 }] }, { protocol })).toEqual({
      kvlistValue: { values: [{ key: 'b', value: b }] },
    })
  })
})
