// What arrives of a record that went through an SDK, read by the official schema: the same as by our own way, but for what
// no SDK can be made to send.

import { type Receiver, startReceiver } from '@otlp-logs/test-support'
import { run, SDKS } from './app.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  expect(receiver.problems).toEqual([])
  await receiver.close()
})

/** One record with everything in it, given to a pipeline of the core, so that values come as they are. */
const RECORD = `{
  timeUnixNano: 1795262400123456789n,
  observedTimeUnixNano: 1795262400123456790n,
  severityNumber: 17,
  severityText: 'error',
  body: { text: 'boom', list: [1, undefined, null], at: new Date(0) },
  attributes: {
    int: 42, negative: -1, safe: Number.MAX_SAFE_INTEGER, int64: 9223372036854775807n, beyond: 2n ** 70n,
    double: 0.5, nan: NaN, infinity: -Infinity, huge: 1e300, bool: false, nothing: null, gone: undefined,
    bytes: Buffer.from([1, 2, 3]), date: new Date(0), map: new Map([['a', 1]]), set: new Set([1]),
    nested: { a: { b: [{ c: 1 }] } }, shared: [shared, shared], circular, error: Object.assign(new RangeError('x'), { stack: undefined }),
    thrower: { get bad() { throw new Error('oops') } }, class: new (class Money { amount = 5 })(),
    odd: 'a\\ud800b', constructor: 'top', map2: { constructor: 'x', ['__proto__']: 'y' }, '': 'no key',
  },
  traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1,
  eventName: 'app.boom',
}`

describe.each(SDKS)('SDK %i.x', (sdk) => {
  test('a record arrives with its times, ids, name and every kind of value', async () => {
    await run(
      sdk,
      receiver,
      `
      const circular = []
      circular.push(circular)
      const shared = { a: 1 }
      const { settings } = resolveOptions({ loggerProvider: makeProvider() })
      const pipeline = createPipeline(settings, [], { package: { name: 'test', version: '1.2.3' }, inProcess: true })
      const record = ${RECORD}
      pipeline.emit(record)
      record.attributes.nested.a.b = 'changed later'
      await pipeline.shutdown()`,
    )
    const [record] = receiver.records
    expect(record).toMatchObject({
      timeUnixNano: 1795262400123456789n,
      observedTimeUnixNano: 1795262400123456790n,
      severityNumber: 17,
      severityText: 'error',
      body: { text: 'boom', list: [1, null, null], at: '1970-01-01T00:00:00.000Z' },
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      flags: 1,
      eventName: 'app.boom',
      scope: { name: 'test', version: '1.2.3' },
      droppedAttributesCount: 0,
    })
    expect(record!.attributeValues).toEqual({
      int: { intValue: '42' },
      negative: { intValue: '-1' },
      safe: { intValue: '9007199254740991' },
      int64: { stringValue: '9223372036854775807' },
      beyond: { stringValue: '1180591620717411303424' },
      double: { doubleValue: 0.5 },
      nan: { doubleValue: Number.NaN },
      infinity: { doubleValue: -Infinity },
      huge: { stringValue: '1e+300' },
      bool: { boolValue: false },
      nothing: {},
      bytes: { bytesValue: expect.anything() as unknown },
      date: { stringValue: '1970-01-01T00:00:00.000Z' },
      map: map(['a', { intValue: '1' }]),
      set: { arrayValue: { values: [{ intValue: '1' }] } },
      nested: map(['a', map(['b', { arrayValue: { values: [map(['c', { intValue: '1' }])] } }])]),
      shared: { arrayValue: { values: [map(['a', { intValue: '1' }]), map(['a', { intValue: '1' }])] } },
      circular: { arrayValue: { values: [{ stringValue: '[Circular]' }] } },
      error: map(['type', { stringValue: 'RangeError' }], ['message', { stringValue: 'x' }]),
      thrower: map(['bad', { stringValue: '[Throws: oops]' }]),
      class: map(['amount', { intValue: '5' }]),
      odd: { stringValue: 'a\ufffdb' },
      'custom.constructor': { stringValue: 'top' },
      map2: map(['custom.constructor', { stringValue: 'x' }], ['custom.__proto__', { stringValue: 'y' }]),
    })
    expect(record!.attributes['bytes']).toEqual(Uint8Array.from([1, 2, 3]))
  })

  test('a trace id that comes alone is told as an attribute, and a severity that is none as none', async () => {
    await run(
      sdk,
      receiver,
      `
      const { settings } = resolveOptions({ loggerProvider: makeProvider() })
      const pipeline = createPipeline(settings, [], { package: { name: 'test' }, inProcess: true })
      const traceId = '0af7651916cd43dd8448eb211c80319c'
      pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 99, attributes: {}, traceId })
      await pipeline.shutdown()`,
    )
    expect(receiver.records).toMatchObject([
      { severityNumber: 0, traceId: '', attributes: { trace_id: '0af7651916cd43dd8448eb211c80319c' } },
    ])
  })

  test('an attribute keeps so many whole characters', async () => {
    await run(
      sdk,
      receiver,
      `
      const options = { loggerProvider: makeProvider(), limits: { attributeValueLengthLimit: 2 } }
      const pipeline = createPipeline(resolveOptions(options).settings, [], { package: { name: 'test' }, inProcess: true })
      pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, body: '12345', attributes: { a: 'a😀b', n: { b: 'abc' } } })
      await pipeline.shutdown()`,
    )
    expect(receiver.records).toMatchObject([{ body: '12345', attributes: { a: 'a😀', n: { b: 'ab' } } }])
  })
})

function map(...entries: [key: string, value: object][]): object {
  return { kvlistValue: { values: entries.map(([key, value]) => ({ key, value })) } }
}
