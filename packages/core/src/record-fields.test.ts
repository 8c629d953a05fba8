import { RecordFields } from './record-fields.ts'
import { resolveOptions } from './resolve-options.ts'
import type { LogRecord } from './record.ts'

const { settings } = resolveOptions({ detectors: [] }, { env: {} })

function recordOf(fields: RecordFields, entries: [key: string, value: unknown][]): LogRecord {
  const record: LogRecord = { observedTimeUnixNano: 1n, severityNumber: 9, attributes: {} }
  fields.begin(record)
  for (const [key, value] of entries) fields.add(key, value)
  fields.end()
  return record
}

const error = { type: 'PaymentError', message: 'declined' }
const exception = { 'exception.type': 'PaymentError', 'exception.message': 'declined' }

describe('RecordFields', () => {
  it('knows a field by its key, whatever stood in its place in the record before', () => {
    const fields = new RecordFields(settings)
    const all: [string, unknown][][] = [
      [['a', 1]],
      [['err', error]],
      [['level', 'gold']],
      [['__proto__', 5]],
      [['custom.level', 6]],
      [['otel.event.name', 'order.placed']],
      [['a', 1]],
    ]
    for (let i = 0; i < 2; i++) {
      expect(all.map((entries) => Object.entries(recordOf(fields, entries).attributes))).toEqual([
        [['a', 1]],
        Object.entries(exception),
        [['custom.level', 'gold']],
        [['__proto__', 5]],
        [['custom.level', 6]],
        [],
        [['a', 1]],
      ])
    }
  })

  it('keeps a field of its own that has the name which another one got', () => {
    const fields = new RecordFields(settings)
    for (let i = 0; i < 2; i++) {
      expect(
        recordOf(fields, [
          ['level', 'gold'],
          ['custom.level', 6],
        ]).attributes,
      ).toEqual({
        'custom.level': 'gold',
        'custom.custom.level': 6,
      })
    }
  })

  it('takes for an error what stands under a key that it has learnt since', () => {
    const fields = new RecordFields(settings)
    expect(recordOf(fields, [['failure', error]]).attributes).toEqual({ failure: error })
    fields.learnErrorKey('failure')
    expect(recordOf(fields, [['failure', error]]).attributes).toEqual(exception)
  })
})
