// K1 to K7: limits on attributes.

import pino from 'pino'
import { otlpStream, type Report } from 'pino-otlp'
import { MODES, only, PROTOCOLS, Shipyard } from './ship.ts'

const yard = new Shipyard()
const keys = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))

describe.each(MODES)('limits by %s', (mode) => {
  it('K1: a record keeps 128 attributes, the first ones, of any length', async () => {
    const record = await yard.one(mode, (log) => log.info({ long: 'x'.repeat(100_000), ...keys(199) }, 'x'))
    expect(Object.keys(record.attributes)).toEqual(['long', ...Object.keys(keys(127))])
    expect(record.attributes['long']).toHaveLength(100_000)
    expect(record.droppedAttributesCount).toBe(72)
  })

  it.each([
    [3, 3, 7],
    [200, 10, 0],
    [Number.POSITIVE_INFINITY, 10, 0],
  ])('K1: with attributeCountLimit %p, of 10 attributes %p are kept', async (attributeCountLimit, kept, dropped) => {
    const transport = { limits: { attributeCountLimit } }
    const record = await yard.one(mode, (log) => log.info(keys(10), 'x'), { logger: {}, transport })
    expect([Object.keys(record.attributes).length, record.droppedAttributesCount]).toEqual([kept, dropped])
  })

  it('K1: what an exception needs is not cut by the count', async () => {
    const record = await yard.one(mode, (log) => log.error({ ...keys(200), err: new TypeError('b') }, 'x'))
    expect(record.attributes).toMatchObject({ 'exception.type': 'TypeError', 'exception.message': 'b' })
    expect(Object.keys(record.attributes)).toHaveLength(128)
    expect(record.droppedAttributesCount).toBe(75)
  })

  it('K2: only the attributes themselves are counted, not what is in them', async () => {
    const record = await yard.one(mode, (log) => log.info({ map: keys(500), list: Object.values(keys(500)) }, 'x'))
    expect({ ...(record.attributes['map'] as object) }).toEqual(keys(500))
    expect(record.attributes['list']).toHaveLength(500)
    expect(record.droppedAttributesCount).toBe(0)
  })

  it.each(PROTOCOLS)(
    'K3: the length limit counts characters and cuts texts and bytes, however deep, and nothing else, over %s',
    async (protocol) => {
      const transport = { protocol, limits: { attributeValueLengthLimit: 3 } }
      const fields = {
        text: 'ab😀c',
        bytes: Buffer.from('abcdef'),
        list: ['abcdef', 123_456, true],
        map: { 'a longer key': 'abcdef', deeper: [{ a: '😀😀😀😀' }] },
        number: 123_456.5,
        short: '😀😀😀',
      }
      const record = await yard.one(mode, (log) => log.info(fields, 'x'), { transport })
      expect(JSON.parse(JSON.stringify(record.attributes))).toEqual({
        text: 'ab😀',
        bytes: JSON.parse(JSON.stringify(Buffer.from('abc'))),
        list: ['abc', 123_456, true],
        map: { 'a longer key': 'abc', deeper: [{ a: '😀😀😀' }] },
        number: 123_456.5,
        short: '😀😀😀',
      })
      expect(record.droppedAttributesCount).toBe(0)
    },
  )

  // Where ours differ: any record is cut at maxRecordBytes (1 MiB), and any value, the body too, at level 30 (see V10).
  it('K4: neither the body nor the resource is limited', async () => {
    const limits = { attributeCountLimit: 2, attributeValueLengthLimit: 10 }
    const resource = { 'service.name': 'a-name-longer-than-ten-characters', ...keys(200) }
    const message = 'x'.repeat(1_000_000)
    const [text, map] = await yard.ship(mode, (log) => void (log.info(message), log.info({ msg: keys(200) })), {
      transport: { limits, resource },
    })
    expect(text!.body === message).toBe(true)
    expect({ ...(map!.body as object) }).toEqual(keys(200))
    expect(text!.resource).toMatchObject(resource)
  })
})

describe('limits in the environment', () => {
  const env = process.env
  afterEach(() => {
    process.env = env
  })

  async function limited(variables: Record<string, string>, limits = {}): Promise<[number, number, unknown]> {
    process.env = { ...env, ...variables }
    const stream = otlpStream({ endpoint: yard.receiver.endpoint, limits })
    const record = only(
      await yard.arrived(() => (pino({}, stream).info({ first: 'abcdef', ...keys(19) }, 'body'), stream.close())),
    )
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
    [
      'the length for logs',
      { OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '2', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4' },
      {},
      [20, 0, 'ab'],
    ],
  ])('K5: the more special limit wins: %s', async (_what, variables, limits, expected) => {
    expect(await limited(variables, limits)).toEqual(expected)
  })

  it.each<[string, [number, number, unknown]]>([
    ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', [20, 0, '']],
    ['OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', [20, 0, '']],
    ['OTEL_ATTRIBUTE_COUNT_LIMIT', [0, 20, undefined]],
    ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', [0, 20, undefined]],
  ])('K6: %s=0 is a limit of nothing', async (name, expected) => {
    expect(await limited({ [name]: '0' })).toEqual(expected)
  })
})

describe('messages about limits', () => {
  it('K7: what is left out of a record is counted in it, and told in at most one message', async () => {
    const reports: Report[] = []
    const transport = {
      limits: { attributeValueLengthLimit: 3 },
      onReport: (report: Report) => void reports.push(report),
    }
    const stream = otlpStream({ ...transport, endpoint: yard.receiver.endpoint, diagnostics: 'none' })
    const records = await yard.arrived(() => {
      const logger = pino({}, stream)
      for (let i = 0; i < 50; i++) logger.info({ '': 1, long: 'x'.repeat(2_000_000), ...keys(300) }, 'x')
      return stream.close()
    })
    expect(records).toHaveLength(50)
    expect(reports.filter(({ level }) => level === 'warn')).toEqual([])
    for (const { droppedAttributesCount } of records) expect(droppedAttributesCount).toBe(174)
  })
})
