// V9 to V11: values that are nested, without end or with traps in them.

import { MODES, only, PROTOCOLS, Shipyard } from './ship.ts'

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
const shared = { a: 1 }
const fail = (): never => {
  throw new Error('no')
}
const endless: ProxyHandler<object> = { get: () => new Proxy({}, endless), ownKeys: () => ['a'] }
endless.getOwnPropertyDescriptor = () => ({ enumerable: true, configurable: true })

describe.each(PROTOCOLS)('hostile values over %s', (protocol) => {
  it.each<[string, unknown, unknown]>([
    ['a cycle', cycle, { self: '[Circular]', list: ['[Circular]'] }],
    ['an object seen twice, which is no cycle', [shared, shared], [{ a: 1 }, { a: 1 }]],
    [
      'a getter that throws',
      Object.defineProperty({ b: 1 }, 'a', { enumerable: true, get: fail }),
      { b: 1, a: '[Throws: no]' },
    ],
    ['a toJSON that throws', { toJSON: fail }, '[Throws: no]'],
    [
      'a toJSON that gives itself',
      {
        toJSON(): unknown {
          return this
        },
      },
      '[Circular]',
    ],
    [
      'a Proxy that refuses everything',
      new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail }),
      '[Throws: no]',
    ],
    ['a revoked Proxy', revoked(), expect.stringContaining('[Throws')],
    [
      'a throw of what has no text',
      {
        toJSON() {
          throw Object.create(null)
        },
      },
      '[Throws]',
    ],
    [
      'an Error with a getter that throws',
      Object.defineProperty(new Error('e'), 'stack', { get: fail }),
      '[Throws: no]',
    ],
    ['a message that throws', Object.defineProperty(new Error('e'), 'message', { get: fail }), '[Throws: no]'],
    ['a key that throws', new Map([[{ toString: fail }, 1]]), { '[object Object]': 1 }],
  ])('V9: %s leaves a mark and the rest of the record', async (_what, value, expected) => {
    const record = only(await yard.emit(protocol, [{ body: 'x', attributes: { before: 1, value, after: 2 } }]))
    expect(record.body).toBe('x')
    expect(JSON.parse(JSON.stringify(record.attributes))).toEqual({ before: 1, value: expected, after: 2 })
  })

  it('V9: what never ends is cut, and takes no time', async () => {
    const wide = Array.from({ length: 300_000 }, (_, i) => i)
    const started = process.cpuUsage()
    const records = await yard.emit(protocol, [
      { attributes: { value: nested(10_000, 'core'), after: 1 } },
      { attributes: { value: new Proxy({}, endless), after: 2 } },
      { attributes: { value: wide, after: 3 } },
    ])
    // Of this process alone: what others do on the machine is no matter.
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1000).toBeLessThan(5000)
    expect(records).toHaveLength(3)
    expect(records[0]!.attributes).toMatchObject({ after: 1 })
  })

  // The specification's default is 64 levels. Decoders in use refuse a request that is nested deeper than 100 messages, of
  // which a map takes three: they would refuse the neighbours, too. For the same reason the body is cut as well.
  it('V10: below level 30, in an attribute or the body, a mark stands instead (64, and no limit for the body, by the specification)', async () => {
    const [fits, deeper, body] = await yard.emit(protocol, [
      { attributes: { value: nested(30, 'core') } },
      { attributes: { value: nested(31, 'core') } },
      { body: nested(10_000, 'core') },
    ])
    expect(depthOf(fits!.attributes['value'])).toBe(30)
    expect(JSON.stringify(fits!.attributes['value'])).toContain('core')
    expect(depthOf(deeper!.attributes['value'])).toBe(30)
    expect(JSON.stringify(deeper!.attributes['value'])).toContain('[Truncated: nested deeper than 30 levels]')
    expect(depthOf(body!.body)).toBe(30)
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

describe.each(MODES)('values by %s', (mode) => {
  it('V9: what pino can log, however hostile, never throws and always arrives', async () => {
    const fields = { cycle, deep: nested(5000, 'core'), gone: { toJSON: (): undefined => undefined } }
    const record = await yard.one(mode, (log) => log.info(fields, 'x'))
    expect(record.body).toBe('x')
    expect(Object.keys(record.attributes)).toEqual(expect.arrayContaining(['cycle', 'deep']))
  })

  it('V10: a line that is nested 10 000 deep is cut at level 30, and its neighbours arrive', async () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`
    const records = await yard.write(mode, `{"msg":"a"}\n{"msg":"b","deep":${deep}}\n{"msg":"c"}\n`)
    expect(records.map(({ body }) => body)).toEqual(['a', 'b', 'c'])
    expect(depthOf(records[1]!.attributes['deep'])).toBe(30)
  })

  it('V11: nested data is sent as maps and arrays, not as text', async () => {
    const record = await yard.one(mode, (log) => log.info({ a: { b: [1, { c: 2 }] } }, 'x'))
    const c = { kvlistValue: { values: [{ key: 'c', value: { intValue: '2' } }] } }
    const b = { arrayValue: { values: [{ intValue: '1' }, c] } }
    expect(record.attributeValues['a']).toEqual({ kvlistValue: { values: [{ key: 'b', value: b }] } })
  })
})
