// Values that are nested, without end or with traps in them, in every mode. What a receiver of ours reads, the decoders in
// use read: test-support's refuses more than 100 nested messages, as they do.

import { LOGGING_MODES } from '@otlp-logs/test-support'
import { PINO_MODES, plainly, ship } from './outlet.ts'

const MARK = '[Truncated: nested deeper than 30 levels]'
const MAX_DEPTH = 30

/** An object with one of its kind inside another, `levels` deep. */
function nested(levels: number): unknown {
  let value: unknown = 'core'
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? { a: value } : [value]
  return value
}

function depthOf(value: unknown): number {
  return typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
}

const fail = (): never => {
  throw new Error('no')
}
interface Cycle {
  self?: Cycle
  list: unknown[]
}
const cycle: Cycle = { list: [] }
cycle.self = cycle
cycle.list.push(cycle)

test.each(LOGGING_MODES)(
  'F36: values 30, 31 and 100 levels deep by %s arrive, cut at level 30, marked and counted',
  async (mode) => {
    const { payloads, stats } = await ship(mode, ({ log, neighbour }) => {
      for (const levels of [30, 31, 100]) {
        neighbour()
        log({ value: nested(levels), after: levels }, 'nested')
      }
      neighbour()
    })
    expect(payloads.map(({ attributes }) => [attributes['after'], depthOf(attributes['value'])])).toEqual([
      [30, MAX_DEPTH],
      [31, MAX_DEPTH],
      [100, MAX_DEPTH],
    ])
    const ends = payloads.map(({ attributes }) => /"([^"]*)"[\]}]+$/.exec(JSON.stringify(attributes['value']))![1])
    expect(ends).toEqual(['core', MARK, MARK])
    if (stats !== undefined) expect(stats).toMatchObject({ truncated: 2, dropped: { total: 0 } })
  },
)

const LEVELS = 100_000
const HUNDRED_THOUSAND = [
  ['objects', `${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`],
  ['arrays', `${'['.repeat(LEVELS)}1${']'.repeat(LEVELS)}`],
] as const

test.each(PINO_MODES)(
  'F36: lines 100 000 levels deep by %s arrive, cut at level 30, and their neighbours with them',
  async (mode) => {
    const { payloads } = await ship(mode, ({ write, neighbour }) => {
      for (const [, text] of HUNDRED_THOUSAND) {
        neighbour()
        write(`{"level":30,"msg":"attribute","value":${text},"after":1}\n`)
        write(`{"level":30,"msg":${text},"after":2}\n`)
        // No level ends here: it is a text.
        write(`{"level":30,"msg":"open","value":${text.slice(0, LEVELS)}\n`)
      }
      neighbour()
    })
    expect(payloads.map(({ attributes }) => attributes['after'])).toEqual([1, 2, undefined, 1, 2, undefined])
    for (const [i, [, text]] of HUNDRED_THOUSAND.entries()) {
      const [attribute, body, open] = payloads.slice(3 * i)
      expect(depthOf(attribute!.attributes['value'])).toBe(MAX_DEPTH)
      expect(depthOf(body!.body)).toBe(MAX_DEPTH)
      expect(open!.body).toBe(`{"level":30,"msg":"open","value":${text.slice(0, LEVELS)}`)
    }
  },
)

test('F36: a value 100 000 levels deep by winston arrives, cut at level 30, and its neighbours with it', async () => {
  const { payloads } = await ship('winston', ({ log, neighbour }) => {
    neighbour()
    log({ value: nested(LEVELS), after: 1 }, 'nested')
    log({ after: 2 }, nested(LEVELS) as string)
    neighbour()
  })
  expect(payloads.map(({ attributes }) => attributes['after'])).toEqual([1, 2])
  expect(depthOf(payloads[0]!.attributes['value'])).toBe(MAX_DEPTH)
  expect(depthOf(payloads[1]!.body)).toBe(MAX_DEPTH)
})

/** A value, and what is left of it: as it is handed to winston's transport, and as pino writes it. */
const TRAPS: readonly (readonly [string, object, unknown, unknown])[] = [
  ['a cycle', cycle, { self: '[Circular]', list: ['[Circular]'] }, { self: '[Circular]', list: ['[Circular]'] }],
  [
    'a getter that throws',
    Object.defineProperty({ b: 1 }, 'a', { enumerable: true, get: fail }),
    { b: 1, a: '[Throws: no]' },
    expect.stringContaining('unable to serialize'),
  ],
  ['a toJSON that throws', { toJSON: fail }, '[Throws: no]', expect.stringContaining('unable to serialize')],
  [
    'a Proxy that refuses everything',
    new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail }),
    '[Throws: no]',
    expect.stringContaining('unable to serialize'),
  ],
]

test.each(LOGGING_MODES)(
  'F36: cycles, and getters and toJSON that throw, by %s leave a mark and the rest of the record',
  async (mode) => {
    const { payloads, stats } = await ship(mode, ({ log, neighbour }) => {
      for (const [name, value] of TRAPS) {
        neighbour()
        log({ before: name, value, after: 1 }, 'trap')
      }
      neighbour()
    })
    expect(payloads.map(({ attributes }) => plainly(attributes))).toEqual(
      TRAPS.map(([name, , handed, written]) => ({
        before: name,
        value: mode === 'winston' ? handed : written,
        after: 1,
      })),
    )
    if (stats !== undefined) expect(stats).toMatchObject({ dropped: { total: 0 } })
  },
)
