// The records that are generated: all fields, each also absent, and each also wrong where a hook could make it so.

import * as fc from 'fast-check'
import type { Source } from './source.ts'
import { anyValue, key, knownValue, text } from './values.ts'

const nanos = fc.oneof(
  fc.bigInt({ min: 1_700_000_000_000_000_000n, max: 1_900_000_000_000_000_000n }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
)

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 14,
      arbitrary: fc
        .uint8Array({ minLength: bytes, maxLength: bytes })
        .map((id) => Buffer.from(id.fill(1, 0, 1)).toString('hex')),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('', '0', 'bad', '0'.repeat(bytes * 2), 'A'.repeat(bytes * 2), 'g'.repeat(bytes * 2)),
    },
  )

/** Around the limit of 128. */
const many = fc
  .integer({ min: 120, max: 140 })
  .map((count) => Array.from({ length: count }, (_, i) => [`k${i}`, i] as const))

function attributesOf(value: fc.Arbitrary<unknown>): fc.Arbitrary<Record<string, unknown>> {
  const few = fc.array(fc.tuple(key, value), { maxLength: 8 })
  return fc
    .oneof(
      { weight: 30, arbitrary: few },
      { weight: 1, arbitrary: fc.tuple(few, many, few).map((parts) => parts.flat()) },
    )
    .map((all) => Object.fromEntries(all))
}

class OrderError extends Error {}

const error = fc
  .record({
    make: fc.constantFrom(Error, TypeError, OrderError),
    message: text,
    cause: fc.option(fc.oneof(fc.string(), fc.string().map(causeWith)), { nil: undefined }),
    own: fc.constantFrom<object>(
      {},
      {},
      { code: 'ECONNREFUSED' },
      { errno: -111, name: 'Own' },
      { type: 'entity.too.large' },
    ),
    stack: fc.boolean(),
    inner: fc.boolean(),
  })
  .map(({ make, message, cause, own, stack, inner }) => {
    const options = cause === undefined ? undefined : { cause }
    const made = inner ? new AggregateError([new Error('one'), 2], message, options) : new make(message, options)
    if (!stack) delete made.stack
    return Object.assign(made, own)
  })

function causeWith(message: string): Error {
  return Object.assign(new TypeError(message, { cause: new OrderError(`${message} itself`) }), { code: message })
}

const fields = {
  timeUnixNano: nanos,
  observedTimeUnixNano: nanos,
  severityNumber: fc.nat(24),
  severityText: fc.oneof(fc.constantFrom('info', 'warn', ''), text),
  body: fc.oneof(text, knownValue),
  attributes: attributesOf(knownValue),
  traceId: hex(16),
  spanId: hex(8),
  traceFlags: fc.nat(255),
  scopeName: fc.constantFrom('db', 'ünï', 'k'.repeat(200)),
  eventName: fc.oneof(fc.constantFrom('order.placed', ''), text),
}

const requiredKeys = ['observedTimeUnixNano', 'severityNumber', 'attributes'] as const

/** Records such as the SDK is made for. */
const known = fc.record(fields, { requiredKeys: [...requiredKeys] })

const any = fc.record(
  {
    ...fields,
    severityNumber: fc.oneof({ weight: 20, arbitrary: fc.nat(24) }, fc.constantFrom(-1, 25, 9.5)),
    body: anyValue,
    attributes: attributesOf(anyValue),
    droppedAttributesCount: fc.constantFrom(0, 1, 300, 2 ** 40),
    traceFlags: fc.nat(0xffff),
  },
  { requiredKeys: [...requiredKeys] },
)

/** Two of three are known in all: in protobuf more than half of the records, in JSON a third, the SDK gets as they are. */
export const sourceArbitrary: fc.Arbitrary<Source> = fc.oneof(
  { weight: 4, arbitrary: known.map((record) => ({ record })) },
  { weight: 1, arbitrary: any.map((record) => ({ record })) },
  { weight: 1, arbitrary: fc.record({ record: any, error }) },
)
