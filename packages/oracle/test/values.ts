// What is generated: every kind of value that JavaScript has, with sizes around those where a length takes one more byte,
// depths around our limit, and everything that is awkward.

import * as fc from 'fast-check'
import { STAND_IN_MARK } from './stand-in.ts'

const SIZES = [0, 1, 23, 24, 63, 64, 126, 127, 128, 129, 2047, 2048]
const LARGE = [8191, 8192, 16_381, 16_382, 16_383, 16_384, 16_385]

const ofSize = (sizes: readonly number[]): fc.Arbitrary<string> =>
  fc
    .record({ unit: fc.constantFrom('a', 'é', '€', '😀', '"', '\n'), size: fc.constantFrom(...sizes) })
    .map(({ unit, size }) => unit.repeat(Math.ceil(size / Buffer.byteLength(unit))))

/** UTF-16 units of any kind: halves of characters, and those at which UTF-8 takes one more byte. */
const EDGES = [0x00, 0x1f, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xfeff, 0xffff]
const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(...EDGES))
const units = fc.array(unit, { maxLength: 30 }).map((all) => String.fromCharCode(...all))

export const text: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 30, arbitrary: fc.string() },
    { weight: 30, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 6, arbitrary: units },
    { weight: 19, arbitrary: ofSize(SIZES) },
    { weight: 1, arbitrary: ofSize(LARGE) },
  )
  .map((one) => (one.startsWith(STAND_IN_MARK) ? `.${one}` : one))

export const key: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  { weight: 4, arbitrary: fc.constantFrom('a', 'b.c', 'http.request.method', 'count', '0', '7', '42', '01') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      'type',
      'data',
      'k'.repeat(127),
      'k'.repeat(128),
    ),
  },
  // Only one half of a character in a place: two keys that both become U+FFFD would be one key.
  { weight: 1, arbitrary: fc.constantFrom('\ud83d', 'é\ude00', '') },
)

const number = fc.oneof(
  { weight: 6, arbitrary: fc.integer() },
  { weight: 4, arbitrary: fc.maxSafeInteger() },
  { weight: 4, arbitrary: fc.double({ noNaN: true }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...[0, -0, -1, 127, 128, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), -(2 ** 63), 5e-324]),
  },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(Number) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -Infinity, 2 ** 60, 2 ** 63, 1e21, 1e300),
  },
)

const bytes = fc.uint8Array({ maxLength: 300 })

/** What the SDK knows. */
const common: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 4, arbitrary: number },
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.oneof(
    bytes,
    bytes.map((some) => Buffer.from(some)),
  ),
)

/** What it does not know. */
const uncommon: fc.Arbitrary<unknown> = fc.oneof(
  fc.oneof(
    fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
    fc.constantFrom(0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n),
  ),
  fc.date({ noInvalidDate: false }),
  fc.string().map(Symbol),
  fc.constantFrom(
    /a+/giu,
    parseInt,
    () => 1,
    new URL('https://user@host.example/ä?q=1#f'),
    Promise.resolve(),
    new WeakSet(),
  ),
  bytes.chain((some) =>
    fc.constantFrom(new DataView(some.buffer), some.buffer, new Int8Array(some), new Float64Array(2)),
  ),
  fc.array(fc.tuple(fc.constantFrom('a', 'b', '1'), fc.string())).map((all) => new URLSearchParams(all)),
  fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.string())).map(formOf),
  fc.oneof(fc.string(), fc.integer(), fc.boolean()).map((one) => Object(one) as unknown),
  fc.array(fc.nat(255), { maxLength: 5 }).map((data) => ({ type: 'Buffer', data })),
  fc.constantFrom({ type: 'Buffer', data: [256] }, { type: 'Buffer', data: 'x' }),
  text.map((message) => new RangeError(message, { cause: message })),
  fc.constant(() => cycle()).map((make) => make()),
  fc.constant(() => hostile()).map((make) => make()),
)

const entries = (of: fc.Arbitrary<unknown>, maxLength: number): fc.Arbitrary<[string, unknown][]> =>
  fc.array(fc.tuple(key, of), { maxLength })

const treeOf = (leaf: fc.Arbitrary<unknown>, wrap: (inner: fc.Arbitrary<unknown>) => fc.Arbitrary<unknown>[]) =>
  fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: leaf },
      { weight: 1, arbitrary: fc.array(tie('tree'), { maxLength: 4 }) },
      { weight: 1, arbitrary: entries(tie('tree'), 4).map((all) => Object.fromEntries(all)) },
      ...wrap(tie('tree')).map((arbitrary) => ({ weight: 1, arbitrary })),
    ),
  })).tree

const plainTree = treeOf(common, () => [])

const anyTree = treeOf(fc.oneof({ weight: 3, arbitrary: common }, { weight: 1, arbitrary: uncommon }), (inner) => [
  fc
    .array(fc.tuple(fc.oneof(key, fc.integer({ min: 0, max: 3 }), inner), inner), { maxLength: 3 })
    .map((all) => new Map(all)),
  fc.array(inner, { maxLength: 3 }).map((all) => new Set(all)),
  inner.map((value) => new Holder(value)),
  inner.map((value) => ({ toJSON: () => value })),
  fc
    .array(inner, { minLength: 1, maxLength: 3 })
    .map((all) => Object.assign([...all], { own: 1, length: all.length + 2 })),
  inner.map((value) => Object.assign(Object.create(null) as object, { value })),
])

class Holder {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

const WRAPS: ((inner: unknown) => unknown)[] = [
  (inner) => [inner],
  (inner) => ({ inner }),
  (inner) => new Map([['inner', inner]]),
  (inner) => new Set([inner]),
  (inner) => new Holder(inner),
  (inner) => ({ toJSON: () => inner }),
]

const deep = (leaf: fc.Arbitrary<unknown>, kinds: number): fc.Arbitrary<unknown> =>
  fc
    .record({ leaf, wraps: fc.array(fc.nat(kinds - 1), { maxLength: 40, size: 'max' }) })
    .map((made) => made.wraps.reduce((inner, wrap) => WRAPS[wrap]!(inner), made.leaf))

/** Of nothing but what the SDK knows. */
export const knownValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 19, arbitrary: plainTree },
  { weight: 1, arbitrary: deep(common, 2) },
)

export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 10, arbitrary: anyTree },
  { weight: 10, arbitrary: plainTree },
  { weight: 1, arbitrary: deep(fc.oneof(common, uncommon), WRAPS.length) },
)

function formOf(all: readonly [string, string][]): FormData {
  const form = new FormData()
  for (const [name, one] of all) form.append(name, one)
  return form
}

function cycle(): unknown {
  const shared = { twice: 'is no cycle' }
  const self: Record<string, unknown> = { one: shared, other: [shared] }
  self['self'] = [self]
  return self
}

function hostile(): unknown {
  return {
    fine: 1,
    get getter(): never {
      throw new Error('getter')
    },
    json: {
      toJSON(): never {
        throw new Error('toJSON')
      },
    },
    proxy: new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('ownKeys')
        },
      },
    ),
  }
}
