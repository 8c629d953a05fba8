// K1 to K7: limits on attributes.

import { type OtlpTransportOptions, type Report } from 'winston-otlp'
import { plainly, PROTOCOLS, Shipyard } from '../ship.ts'

const yard = new Shipyard()
const keys = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))

describe.each(PROTOCOLS)('limits over %s', (protocol) => {
  it('K1: a record keeps 128 attributes, the first ones, of any length', async () => {
    const fields = { long: 'x'.repeat(100_000), ...keys(199) }
    const record = await yard.one((log) => log['info']!('x', fields), { transport: { protocol } })
    expect(Object.keys(record.attributes)).toEqual(['long', ...Object.keys(keys(127))])
    expect(record.attributes['long']).toHaveLength(100_000)
    expect(record.droppedAttributesCount).toBe(72)
  })

  it('K3: the length limit counts characters and cuts texts and bytes, however deep, and nothing else', async () => {
    const transport = { protocol, limits: { attributeValueLengthLimit: 3 } }
    const fields = {
      text: 'ab😀c',
      bytes: Buffer.from('abcdef'),
      list: ['abcdef', 123_456, true],
      map: new Map([['a longer key', 'abcdef']]),
      number: 123_456.5,
    }
    const record = await yard.one((log) => log['info']!('x', fields), { transport })
    expect(plainly(record.attributes)).toEqual({
      text: 'ab😀',
      bytes: plainly(Buffer.from('abc')),
      list: ['abc', 123_456, true],
      map: { 'a longer key': 'abc' },
      number: 123_456.5,
    })
  })
})

describe('limits', () => {
  it.each([
    [3, 3, 7],
    [Number.POSITIVE_INFINITY, 10, 0],
  ])('K1: with attributeCountLimit %p, of 10 attributes %p are kept', async (attributeCountLimit, kept, dropped) => {
    const transport = { limits: { attributeCountLimit } }
    const record = await yard.one((log) => log['info']!('x', keys(10)), { transport })
    expect([Object.keys(record.attributes).length, record.droppedAttributesCount]).toEqual([kept, dropped])
  })

  it('K1: what an exception needs is not cut by the count', async () => {
    const record = await yard.one((log) => log['error']!('x', { ...keys(200), err: new TypeError('b') }))
    expect(record.attributes).toMatchObject({ 'exception.type': 'TypeError', 'exception.message': 'b' })
    expect(Object.keys(record.attributes)).toHaveLength(128)
    expect(record.droppedAttributesCount).toBe(75)
  })

  it('K2: only the attributes themselves are counted, not what is in them', async () => {
    const record = await yard.one((log) => log['info']!('x', { map: keys(500), list: Object.values(keys(500)) }))
    expect({ ...(record.attributes['map'] as object) }).toEqual(keys(500))
    expect(record.attributes['list']).toHaveLength(500)
    expect(record.droppedAttributesCount).toBe(0)
  })

  // Where ours differ: any record is cut at maxRecordBytes (1 MiB), and any value, the body too, at level 30 (see V10).
  it('K4: neither the body nor the resource is limited', async () => {
    const limits = { attributeCountLimit: 2, attributeValueLengthLimit: 10 }
    const resource = { 'service.name': 'a-name-longer-than-ten-characters', ...keys(200) }
    const message = 'x'.repeat(1_000_000)
    const log = (body: unknown) => yard.one((it) => it['info']!(body), { transport: { limits, resource } })
    const text = await log(message)
    expect(text.body === message).toBe(true)
    expect({ ...((await log(keys(200))).body as object) }).toEqual(keys(200))
    expect(text.resource).toMatchObject(resource)
  })

  it('K7: what is left out of a record is counted in it, and told in at most one message', async () => {
    const reports: Report[] = []
    const transport: OtlpTransportOptions = {
      limits: { attributeValueLengthLimit: 3 },
      onReport: (report) => void reports.push(report),
    }
    const records = await yard.ship(
      (log) => {
        for (let i = 0; i < 50; i++) log['info']!('x', { '': 1, long: 'x'.repeat(2_000_000), ...keys(300) })
      },
      { transport },
    )
    expect(records).toHaveLength(50)
    expect(reports.filter(({ level }) => level === 'warn')).toEqual([])
    for (const { droppedAttributesCount } of records) expect(droppedAttributesCount).toBe(174)
  })
})

describe('limits in the environment', () => {
  const env = process.env
  afterEach(() => {
    process.env = env
  })

  async function limited(variables: Record<string, string>, limits = {}): Promise<[number, number, unknown]> {
    process.env = { ...env, ...variables }
    const fields = { first: 'abcdef', ...keys(19) }
    const record = await yard.one((log) => log['info']!('body', fields), { transport: { limits } })
    expect(record.body).toBe('body')
    return [Object.keys(record.attributes).length, record.droppedAttributesCount, record.attributes['first']]
  }

  it.each<[string, Record<string, string>, object, [number, number, unknown]]>([
    ['nothing', {}, {}, [20, 0, 'abcdef']],
    ['the general limit', { OTEL_ATTRIBUTE_COUNT_LIMIT: '9' }, {}, [9, 11, 'abcdef']],
    [
      'the one for logs',
      { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '5', OTEL_ATTRIBUTE_COUNT_LIMIT: '9' },
      {},
      [5, 15, 'abcdef'],
    ],
    ['the option', { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '5' }, { attributeCountLimit: 3 }, [3, 17, 'abcdef']],
  ])('K5: the more special limit wins: %s', async (_what, variables, limits, expected) => {
    expect(await limited(variables, limits)).toEqual(expected)
  })

  it.each<[string, [number, number, unknown]]>([
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', [20, 0, '']],
    ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', [0, 20, undefined]],
  ])('K6: %s=0 is a limit of nothing', async (name, expected) => {
    expect(await limited({ [name]: '0' })).toEqual(expected)
  })
})
