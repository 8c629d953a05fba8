import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer'
import { type AnyValue, decodeRequest, encodeRequestBytes, type LogsMessage } from './index.ts'

type ReadableLogRecord = Parameters<typeof ProtobufLogsSerializer.serializeRequest>[0][number]

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

const sdkRecord = {
  hrTime: [1_700_000_000, 123_456_789],
  hrTimeObserved: [1_700_000_001, 1],
  spanContext: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 },
  severityNumber: 17,
  severityText: 'error',
  body: { message: 'zażółć', nested: [1, 'two', true] },
  eventName: 'order.failed',
  attributes: { count: 3, ratio: 0.5, ok: false, list: ['a', 'b'], bytes: new Uint8Array([1, 2, 255]) },
  droppedAttributesCount: 2,
  resource: { attributes: { 'service.name': 'orders' }, asyncAttributesPending: false, schemaUrl: 'https://r' },
  instrumentationScope: { name: 'scope', version: '1.2.3', schemaUrl: 'https://s' },
} as unknown as ReadableLogRecord

describe('decodeRequest', () => {
  test('reads what the OpenTelemetry serializers write, the same from protobuf and from JSON', () => {
    const protobuf = decodeRequest(ProtobufLogsSerializer.serializeRequest([sdkRecord]) as Uint8Array, 'protobuf')
    const json = decodeRequest(JsonLogsSerializer.serializeRequest([sdkRecord]) as Uint8Array, 'json')
    expect(protobuf.problems).toEqual([])
    expect(json).toEqual(protobuf)
    expect(protobuf.message?.resourceLogs).toEqual([
      {
        resource: expect.objectContaining({
          attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }],
          droppedAttributesCount: 0,
        }),
        schemaUrl: 'https://r',
        scopeLogs: [
          {
            scope: { name: 'scope', version: '1.2.3', attributes: [], droppedAttributesCount: 0 },
            schemaUrl: 'https://s',
            logRecords: [
              {
                timeUnixNano: '1700000000123456789',
                observedTimeUnixNano: '1700000001000000001',
                severityNumber: 17,
                severityText: 'error',
                eventName: 'order.failed',
                traceId: TRACE_ID,
                spanId: SPAN_ID,
                flags: 1,
                droppedAttributesCount: 2,
                body: {
                  kvlistValue: {
                    values: [
                      { key: 'message', value: { stringValue: 'zażółć' } },
                      {
                        key: 'nested',
                        value: {
                          arrayValue: { values: [{ intValue: '1' }, { stringValue: 'two' }, { boolValue: true }] },
                        },
                      },
                    ],
                  },
                },
                attributes: [
                  { key: 'count', value: { intValue: '3' } },
                  { key: 'ratio', value: { doubleValue: 0.5 } },
                  { key: 'ok', value: { boolValue: false } },
                  { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { stringValue: 'b' }] } } },
                  { key: 'bytes', value: { bytesValue: Buffer.from([1, 2, 255]) } },
                ],
              },
            ],
          },
        ],
      },
    ])
  })

  test('keeps 64-bit integers exact at both ends, from strings and from JSON numbers', () => {
    const decoded =
      decodeJson(`{"timeUnixNano":"18446744073709551615","observedTimeUnixNano":1700000000123456789,"attributes":[
      {"key":"a","value":{"intValue":"9223372036854775807"}},{"key":"b","value":{"intValue":-9223372036854775808}},
      {"key":"c","value":{"intValue":9007199254740993}},{"key":"d","value":{"doubleValue":9007199254740993}}]}`)
    expect(decoded.problems).toEqual([])
    expect(record(decoded.message)).toMatchObject({
      timeUnixNano: '18446744073709551615',
      observedTimeUnixNano: '1700000000123456789',
    })
    expect(record(decoded.message)?.attributes.map(({ value }) => value)).toEqual([
      { intValue: '9223372036854775807' },
      { intValue: '-9223372036854775808' },
      { intValue: '9007199254740993' },
      { doubleValue: 9007199254740992 },
    ])
  })

  test.each<[string, AnyValue]>([
    ['{"doubleValue":"NaN"}', { doubleValue: NaN }],
    ['{"doubleValue":"-Infinity"}', { doubleValue: -Infinity }],
    ['{"doubleValue":-0}', { doubleValue: -0 }],
    ['{"stringValue":""}', { stringValue: '' }],
    ['{"boolValue":false}', { boolValue: false }],
    ['{"intValue":0}', { intValue: '0' }],
    ['{"bytesValue":""}', { bytesValue: Buffer.alloc(0) }],
    ['{"bytesValue":"/+8="}', { bytesValue: Buffer.from([255, 239]) }],
    ['{"arrayValue":{}}', { arrayValue: { values: [] } }],
    ['{"kvlistValue":{"values":[]}}', { kvlistValue: { values: [] } }],
    ['{"stringValue":null,"unknown":1}', {}],
  ])('reads the JSON value %s', (text, value) => {
    const decoded = decodeJson(`{"body":${text}}`)
    expect(decoded.problems).toEqual([])
    expect(record(decoded.message)?.body).toEqual(value)
  })

  test('tells a record without a body from a body without a value', () => {
    expect(record(decodeJson('{"body":{}}').message)?.body).toEqual({})
    expect(record(decodeJson('{}').message)?.body).toBeNull()
  })

  test.each([
    ['{"severityNumber":"SEVERITY_NUMBER_INFO"}', 'severityNumber: expected an integer'],
    ['{"flags":"01x"}', 'flags: expected an integer from 0 to 4294967295'],
    ['{"flags":-1}', 'flags: expected an integer'],
    ['{"timeUnixNano":"-1"}', 'timeUnixNano: expected an integer from 0'],
    ['{"timeUnixNano":1.5}', 'timeUnixNano: expected an integer from 0'],
    ['{"body":{"intValue":"9223372036854775808"}}', 'body.intValue: expected an integer'],
    ['{"body":{"doubleValue":"1.5"}}', 'body.doubleValue: expected a number'],
    ['{"body":{"bytesValue":"_-8"}}', 'body.bytesValue: expected base64'],
    ['{"body":{"stringValue":1}}', 'body.stringValue: expected a string'],
    ['{"body":{"stringValue":"\\ud800"}}', 'body.stringValue: expected a string without lone surrogates'],
    ['{"traceId":"CvdlGRbNQ92ESOshHIAxnA=="}', 'traceId: expected hex digits'],
    ['{"attributes":{}}', 'attributes: expected an array'],
    ['{', 'unreadable json'],
  ])('refuses the JSON record %s', (text, problem) => {
    const decoded = decodeJson(text)
    expect(decoded.message).toBeUndefined()
    expect(decoded.problems).toEqual([expect.stringContaining(problem)])
  })

  test('refuses JSON that is not UTF-8', () => {
    const decoded = decodeRequest(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'json')
    expect(decoded).toEqual({ message: undefined, problems: [expect.stringContaining('unreadable json')] })
  })

  test.each([
    ['a stray byte', [0xff, 0x61, 0x62, 0x63]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80, 0x61]],
    ['an overlong form', [0xc0, 0xaf, 0x61, 0x62]],
    ['a character cut in two', [0x61, 0x62, 0x63, 0xc5]],
  ])('refuses invalid UTF-8 in protobuf: %s', (_name, bad) => {
    for (const patched of [
      replaced({ body: { stringValue: '@@@@' } }, bad),
      replaced({ severityText: '@@@@' }, bad),
      replaced({ attributes: [{ key: '@@@@', value: {} }] }, bad),
    ]) {
      const decoded = decodeRequest(patched, 'protobuf')
      expect(decoded).toEqual({
        message: undefined,
        problems: [expect.stringContaining('invalid UTF-8 in the string')],
      })
    }
  })

  test('refuses protobuf that is cut off anywhere, or says so', () => {
    const bytes = encode({ body: { stringValue: 'hello' }, attributes: [{ key: 'k', value: { intValue: 1 } }] })
    for (let length = 0; length < bytes.length; length += 1) {
      expect(decodeRequest(bytes.subarray(0, length), 'protobuf').problems).not.toEqual([])
    }
  })

  test('refuses a message that reads into its neighbour', () => {
    // The body's AnyValue is 2 bytes long, and the string in it 2 bytes more; protobufjs alone takes it for 'ab'.
    const decoded = decodeRequest(enclose([0x2a, 2, 0x0a, 2, 0x61, 0x62]), 'protobuf')
    expect(decoded).toEqual({ message: undefined, problems: [expect.stringContaining('a message that ends at byte')] })
    expect(decodeRequest(enclose([0x2a, 4, 0x0a, 2, 0x61, 0x62]), 'protobuf').problems).toEqual([])
  })

  test('refuses what is nested more than 100 messages deep, and no less', () => {
    // Request, ResourceLogs, ScopeLogs, LogRecord and the body's AnyValue are 5; every list adds 2.
    expect(decodeRequest(encode({ body: nested(47) }), 'protobuf').problems).toEqual([])
    expect(decodeRequest(encode({ body: nested(48) }), 'protobuf')).toEqual({
      message: undefined,
      problems: [expect.stringContaining('more than 100 nested messages')],
    })
    expect(decodeRequest(encode({ body: nested(47) }), 'protobuf').problems).toEqual([])
  })

  test.each<[string, object, string]>([
    ['a duplicate attribute', { attributes: [pair('a'), pair('b'), pair('a')] }, 'attributes: duplicate key "a"'],
    [
      'a duplicate key in a list',
      { body: { kvlistValue: { values: [pair('a'), pair('a')] } } },
      'body: duplicate key "a"',
    ],
    [
      'a duplicate key deep in an attribute',
      {
        attributes: [
          { key: 'x', value: { arrayValue: { values: [{ kvlistValue: { values: [pair('a'), pair('a')] } }] } } },
        ],
      },
      'attributes["x"][0]: duplicate key "a"',
    ],
    ['an empty attribute key', { attributes: [pair('')] }, 'attributes: an empty key'],
    ['an attribute without a value', { attributes: [{ key: 'a' }] }, 'attributes["a"]: no value'],
    ['a short trace id', { traceId: Buffer.alloc(15, 1) }, 'traceId: 15 bytes instead of 16'],
    ['a long span id', { spanId: Buffer.alloc(9, 1) }, 'spanId: 9 bytes instead of 8'],
    ['a zero trace id', { traceId: Buffer.alloc(16) }, 'traceId: all zero'],
    ['reserved flags', { flags: 256 }, 'flags: reserved bits'],
  ])('reports %s', (_name, logRecord, problem) => {
    const decoded = decodeRequest(encode(logRecord), 'protobuf')
    expect(decoded.message).toBeDefined()
    expect(decoded.problems).toEqual([expect.stringContaining(problem)])
  })

  test('reports an unknown severity number and two values in one AnyValue', () => {
    // severity_number = 99; body = { string_value: 'a', bool_value: true }
    const decoded = decodeRequest(enclose([0x10, 99, 0x2a, 5, 0x0a, 1, 0x61, 0x10, 1]), 'protobuf')
    expect(decoded.problems.join()).toContain('severityNumber: enum value expected')
    expect(decoded.problems.join()).toContain('body: more than one value: stringValue, boolValue')
  })

  test('reports duplicate keys of the resource and the scope', () => {
    const attributes = [pair('a'), pair('a')]
    const scopeLogs = [{ scope: { name: 's', attributes }, logRecords: [{}] }]
    const bytes = encodeRequestBytes({ resourceLogs: [{ resource: { attributes }, scopeLogs }] })
    expect(decodeRequest(bytes, 'protobuf').problems).toEqual([
      'resourceLogs[0].resource.attributes: duplicate key "a"',
      'resourceLogs[0].scopeLogs[0].scope.attributes: duplicate key "a"',
    ])
  })

  test('reports empty envelopes, in protobuf and in JSON', () => {
    expect(decodeRequest(Buffer.alloc(0), 'protobuf').problems).toEqual(['request: no resourceLogs'])
    expect(decodeRequest(Buffer.from('{}'), 'json').problems).toEqual(['request: no resourceLogs'])
    expect(decodeRequest(encodeRequestBytes({ resourceLogs: [{}] }), 'protobuf').problems).toEqual([
      'resourceLogs[0]: no scopeLogs',
    ])
    expect(decodeRequest(Buffer.from('{"resourceLogs":[{"scopeLogs":[{}]}]}'), 'json').problems).toEqual([
      'resourceLogs[0].scopeLogs[0]: no logRecords',
    ])
  })
})

function encode(logRecord: object): Buffer {
  return encodeRequestBytes({ resourceLogs: [{ scopeLogs: [{ logRecords: [logRecord] }] }] })
}

/** A request around the bytes of one LogRecord. */
function enclose(logRecord: number[]): Buffer {
  const scopeLogs = [0x12, logRecord.length, ...logRecord]
  const resourceLogs = [0x12, scopeLogs.length, ...scopeLogs]
  return Buffer.from([0x0a, resourceLogs.length, ...resourceLogs])
}

function decodeJson(logRecord: string): ReturnType<typeof decodeRequest> {
  return decodeRequest(Buffer.from(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${logRecord}]}]}]}`), 'json')
}

function record(message: LogsMessage | undefined) {
  return message?.resourceLogs[0]?.scopeLogs[0]?.logRecords[0]
}

function pair(key: string): object {
  return { key, value: { stringValue: 'v' } }
}

function nested(lists: number): object {
  let value: object = { stringValue: 'deep' }
  for (let depth = 0; depth < lists; depth += 1) value = { arrayValue: { values: [value] } }
  return value
}

function replaced(logRecord: object, bad: number[]): Buffer {
  const bytes = encode(logRecord)
  bytes.set(bad, bytes.indexOf('@@@@'))
  return bytes
}
