import * as fc from 'fast-check'
import { readSplice, splice, SPLICE_KEY, unsplice } from './splice.ts'

const API = Symbol.for('opentelemetry.js.api.1')
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const SPAN_ID = 'b7ad6b7169203331'

/** Runs it in a span, as the API of OpenTelemetry would tell of one. */
function inSpan<T>(fn: () => T, traceFlags = 1, spanId = SPAN_ID): T {
  const spanContext = (): object => ({ traceId: TRACE_ID, spanId, traceFlags })
  const active = (): object => ({ getValue: () => ({ spanContext }) })
  ;(globalThis as Record<symbol, unknown>)[API] = { context: { active } }
  try {
    return fn()
  } finally {
    delete (globalThis as Record<symbol, unknown>)[API]
  }
}

const read = (line: string): object => {
  const { [SPLICE_KEY]: value, ...fields } = JSON.parse(line) as Record<string, unknown>
  return { ...readSplice(value), fields }
}

describe('splice', () => {
  it('leaves a line alone where there is nothing to add', () => {
    expect(splice('{"msg":"x"}\n', undefined)).toBe('{"msg":"x"}\n')
  })

  it.each<[string, object]>([
    ['{"level":30,"msg":"x"}\n', { level: 30, msg: 'x' }],
    ['{"msg":"x"}', { msg: 'x' }],
    ['{"msg":"a } in it"}\r\n', { msg: 'a } in it' }],
    ['{"a":{"b":{}}}\n', { a: { b: {} } }],
    ['{}\n', {}],
  ])('adds the active span to %j, and no other change', (line, fields) => {
    const spliced = inSpan(() => splice(line, undefined))
    expect(read(spliced)).toEqual({
      span: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 },
      label: undefined,
      fields,
    })
    expect(spliced.slice(line.lastIndexOf('}') - line.length)).toBe(line.slice(line.lastIndexOf('}')))
  })

  it('adds the span and the name of this line, whatever was added to the one before', () => {
    for (const spanId of [SPAN_ID, SPAN_ID, '00f067aa0ba902b7', 'no span id', SPAN_ID]) {
      for (const traceFlags of [1, 0]) {
        for (const label of [undefined, 'notice', undefined]) {
          const span = spanId === 'no span id' ? undefined : { traceId: TRACE_ID, spanId, traceFlags }
          const spliced = inSpan(() => splice('{"a":1}\n', label), traceFlags, spanId)
          expect(read(spliced)).toEqual({ span, label, fields: { a: 1 } })
          expect(read(splice('{"a":1}\n', label))).toEqual({ span: undefined, label, fields: { a: 1 } })
        }
      }
    }
  })

  it.each(['notice', 'two words', '"quoted"', 'é\\', '-'])('adds the name of a level: %j', (label) => {
    expect(read(splice('{"a":1}\n', label))).toEqual({ span: undefined, label, fields: { a: 1 } })
    expect(inSpan(() => read(splice('{"a":1}\n', label)))).toEqual({
      span: { traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: 1 },
      label,
      fields: { a: 1 },
    })
  })

  it.each([0, 1, 15, 16, 255])('keeps trace flags of %d', (traceFlags) => {
    expect(inSpan(() => read(splice('{"a":1}', undefined)), traceFlags)).toMatchObject({ span: { traceFlags } })
  })

  it.each(['', '\n', 'plain text\n', '}', '}\n'])('leaves %j alone, which is no object', (line) => {
    expect(inSpan(() => splice(line, 'notice'))).toBe(line)
  })
})

describe('readSplice', () => {
  it.each<[unknown]>([[undefined], [5], [''], ['x'], [{}]])('finds nothing in %p', (value) => {
    expect(readSplice(value)).toEqual({ span: undefined, label: undefined })
  })
})

describe('unsplice', () => {
  it('gives the very text that was there before, whatever the line and the label', () => {
    const text = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }).map((fields) => JSON.stringify(fields))
    const label = fc.oneof(fc.string(), fc.constantFrom('a b', `"${SPLICE_KEY}":"`, '\\', '}', '"}'))
    fc.assert(
      fc.property(text, fc.option(label, { nil: undefined }), fc.constantFrom('', '\n', '\r\n'), (line, name, end) => {
        const spliced = inSpan(() => splice(line + end, name))
        expect(spliced).toContain(SPLICE_KEY)
        expect(unsplice(spliced.replace(/\n$/, ''))).toBe(line)
      }),
    )
  })

  it.each([`{"${SPLICE_KEY}":"x","msg":"y"}`, `{"${SPLICE_KEY}":{"a":"b"}}`, `"${SPLICE_KEY}":"`, '{}', ''])(
    'leaves %s alone, where nothing was added',
    (line) => {
      expect(unsplice(line)).toBe(line)
    },
  )
})
