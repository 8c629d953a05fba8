import { createHooks, textOfHookError } from './hooks.ts'
import type { LogRecord } from './record.ts'

type Options = Partial<Parameters<typeof createHooks>[0]>

const hooksOf = (options: Options = {}) => createHooks({ minimumSeverity: 0, redact: undefined, ...options })

function recordOf(fields: Partial<LogRecord> = {}): LogRecord {
  return { observedTimeUnixNano: 1n, severityNumber: 9, body: 'hello', attributes: { user: 'ada' }, ...fields }
}

describe('createHooks', () => {
  it('keeps a record as it is when nothing was asked for', () => {
    const record = recordOf()
    expect(hooksOf()(record)).toBe(record)
  })

  it('B13: leaves out what is below the minimum severity, but not what has none', () => {
    const hooks = hooksOf({ minimumSeverity: 13 })
    expect([9, 13, 0].map((severityNumber) => hooks(recordOf({ severityNumber }))?.severityNumber)).toEqual([
      undefined,
      13,
      0,
    ])
  })

  it('asks no hook about a record that was left out before it', () => {
    const asked: string[] = []
    const filter = (): boolean => asked.push('filter') > 0 && false
    const transform = (record: LogRecord): LogRecord => (asked.push('transform'), record)
    hooksOf({ minimumSeverity: 10, filter, transform })(recordOf())
    expect(asked).toEqual([])
    hooksOf({ filter, transform })(recordOf())
    expect(asked).toEqual(['filter'])
  })

  it('goes on with what transform returns, another record or the same', () => {
    const other = recordOf({ body: 'other' })
    expect(hooksOf({ transform: () => other })(recordOf())).toBe(other)
  })

  it.each([undefined, null])('leaves out a record for which transform returns %s', (nothing) => {
    expect(hooksOf({ transform: () => nothing })(recordOf())).toBeUndefined()
  })

  it('redacts what transform returns, so that it cannot bring a secret back', () => {
    const redact = { paths: ['token'], censor: '[REDACTED]', hashKey: undefined }
    const transform = (record: LogRecord): LogRecord => ({ ...record, attributes: { token: 'secret' } })
    expect(hooksOf({ redact, transform })(recordOf())?.attributes).toEqual({ token: '[REDACTED]' })
  })

  it.each([
    ['true', true],
    ['a text', 'hello'],
    ['an object without attributes', {}],
  ])('throws when transform returns %s', (_, answer) => {
    expect(() => hooksOf({ transform: () => answer as never })(recordOf())).toThrow(
      '`transform` must return the record, or undefined to leave it out',
    )
  })

  it.each(['filter', 'transform'] as const)(
    'throws when %s returns a promise, whose rejection goes nowhere',
    (hook) => {
      const hooks = hooksOf({ [hook]: () => Promise.reject(new Error('late')) })
      expect(() => hooks(recordOf())).toThrow(`\`${hook}\` returned a promise, and no record waits for one`)
    },
  )

  it.each([
    [new Error('no such key'), 'a filter, transform or redact rule threw (no such key)'],
    ['text', 'a filter, transform or redact rule threw (text)'],
  ])('tells what was thrown: %s', (thrown, text) => {
    expect(textOfHookError(thrown)).toBe(text)
  })
})
