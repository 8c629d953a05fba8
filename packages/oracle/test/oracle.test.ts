// The OpenTelemetry SDK as the judge of our bytes: the same records through both arrive equal, field by field, in
// protobuf and in JSON, but for what known-faults.ts and our-decisions.ts name. And our two protocols judge each other.
// ORACLE_RUNS says how many records each comparison has, ORACLE_SEED which ones.

import { isDeepStrictEqual } from 'node:util'
import { expectEqual, mended } from './comparison.ts'
import { openOurRoute } from './our-route.ts'
import { acts } from './row.ts'
import { openSdkRoute } from './sdk-route.ts'
import { type Limits, type Protocol, RUNS, type Source } from './source.ts'
import { ROWS } from './tell.ts'

const SEED = Number(process.env['ORACLE_SEED'] ?? (Math.random() * 2 ** 31) | 0)
const TIMEOUT_MILLIS = 30_000 + RUNS * 30
const NO_LIMITS: Limits = { attributeCountLimit: 128, attributeValueLengthLimit: Number.POSITIVE_INFINITY }
const TIGHT: Limits = { attributeCountLimit: 3, attributeValueLengthLimit: 7 }
const USED = new Set<string>()

describe('the same records, through us and through the OpenTelemetry SDK', () => {
  it.each<[Protocol, string, Limits]>([
    ['http/protobuf', 'the default limits', NO_LIMITS],
    ['http/json', 'the default limits', NO_LIMITS],
    ['http/protobuf', 'tight limits', TIGHT],
    ['http/json', 'tight limits', TIGHT],
  ])(
    'arrive equal by %s with %s',
    async (protocol, _name, limits) => {
      const settings = { protocol, limits }
      const [ours, theirs] = [await openOurRoute(settings), await openSdkRoute(settings)]
      try {
        const { send, used } = mended(theirs, settings)
        await expectEqual(ours.send, send, SEED)
        for (const name of used) USED.add(name)
      } finally {
        await Promise.all([ours.close(), theirs.close()])
      }
    },
    TIMEOUT_MILLIS,
  )

  it(
    'O15: arrive equal over gRPC',
    async () => {
      const settings = { protocol: 'http/protobuf', limits: NO_LIMITS } as const
      const [ours, theirs] = [await openOurRoute(settings, 'grpc'), await openSdkRoute(settings, undefined, 'grpc')]
      try {
        await expectEqual(ours.send, mended(theirs, settings).send, SEED)
      } finally {
        await Promise.all([ours.close(), theirs.close()])
      }
    },
    TIMEOUT_MILLIS,
  )

  it('arrive equal where a length takes a fourth byte, around 2 MiB', async () => {
    const settings = { protocol: 'http/protobuf', limits: NO_LIMITS } as const
    const [ours, theirs] = [await openOurRoute(settings), await openSdkRoute(settings)]
    const sources = [-90, -30, -6, -5, -4, -1, 0].map((more): Source => ({
      record: {
        timeUnixNano: 1n,
        observedTimeUnixNano: 2n,
        severityNumber: 9,
        body: more % 2 === 0 ? 'é'.repeat(2 ** 20 + more / 2) : 'a'.repeat(2 ** 21 + more),
        attributes: {},
      },
    }))
    try {
      expect(isDeepStrictEqual(await ours.send(sources), await theirs.send(sources))).toBe(true)
    } finally {
      await Promise.all([ours.close(), theirs.close()])
    }
  })

  it('need every row of the tables that says what to do', () => {
    const unused = ROWS.filter((row) => acts(row) && !USED.has(row.name))
    expect(unused.map(({ name }) => name)).toEqual([])
  })
})

describe('the same records, through our two protocols', () => {
  it.each([
    ['the default limits', NO_LIMITS],
    ['tight limits', TIGHT],
  ])(
    'arrive equal with %s',
    async (_name, limits) => {
      const [json, protobuf] = [
        await openOurRoute({ protocol: 'http/json', limits }),
        await openOurRoute({ protocol: 'http/protobuf', limits }),
      ]
      try {
        await expectEqual(json.send, protobuf.send, SEED)
      } finally {
        await Promise.all([json.close(), protobuf.close()])
      }
    },
    TIMEOUT_MILLIS,
  )
})
