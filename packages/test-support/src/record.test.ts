import { decodeRequest, encodeRequestBytes, flattenRecords, type LogsMessage, plain } from './index.ts'

describe('plain', () => {
  test('gives integers as numbers while that is exact, and as bigints beyond', () => {
    expect(plain({ intValue: '9007199254740991' })).toBe(9007199254740991)
    expect(plain({ intValue: '9007199254740992' })).toBe(9007199254740992n)
    expect(plain({ intValue: '-9223372036854775808' })).toBe(-9223372036854775808n)
  })

  test('gives every other value as itself, and no value as null', () => {
    expect(plain({ stringValue: '' })).toBe('')
    expect(plain({ boolValue: false })).toBe(false)
    expect(plain({ doubleValue: -0 })).toBe(-0)
    expect(plain({ bytesValue: Buffer.from('x') })).toEqual(Buffer.from('x'))
    expect(plain({ arrayValue: { values: [{ intValue: '1' }, {}] } })).toEqual([1, null])
    expect(plain({})).toBeNull()
  })

  test('keeps __proto__ and toString as keys', () => {
    const keys = ['__proto__', 'constructor', 'toString']
    const values = keys.map((key) => ({ key, value: { kvlistValue: { values: [] } } }))
    const object = plain({ kvlistValue: { values } }) as object
    expect(Object.keys(object)).toEqual(keys)
    expect(Object.getPrototypeOf(object)).toBeNull()
  })
})

describe('flattenRecords', () => {
  test('puts resource and scope beside each record, in the order of the wire', () => {
    const resourceLogs = ['r1', 'r2'].map((name) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
      schemaUrl: `https://${name}`,
      scopeLogs: [
        { scope: { name: 's1', version: '1' }, logRecords: [{ body: { stringValue: 'a' } }, {}] },
        { schemaUrl: 'https://s', logRecords: [{ body: {}, attributes: [{ key: 'n', value: { intValue: 7 } }] }] },
      ],
    }))
    const { message } = decodeRequest(encodeRequestBytes({ resourceLogs }), 'protobuf')
    const records = flattenRecords(message as LogsMessage, 4)
    expect(records.map(({ body }) => body)).toEqual(['a', undefined, null, 'a', undefined, null])
    expect(records.map(({ resource }) => resource['service.name'])).toEqual(['r1', 'r1', 'r1', 'r2', 'r2', 'r2'])
    expect(records[0]).toMatchObject({
      resourceSchemaUrl: 'https://r1',
      scope: { name: 's1', version: '1' },
      scopeSchemaUrl: '',
      requestIndex: 4,
      timeUnixNano: 0n,
      traceId: '',
      bodyValue: { stringValue: 'a' },
    })
    expect(records[5]).toMatchObject({
      scope: { name: '', version: '' },
      scopeSchemaUrl: 'https://s',
      attributes: { n: 7 },
      attributeValues: { n: { intValue: '7' } },
    })
  })
})
