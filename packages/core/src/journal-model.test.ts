// Random histories of a journal, from process to process, judged by the model of test/journal-model.ts after each step.
// A failure prints its seed: FC_SEED=... runs it again. FC_RUNS=... runs more.

import * as fc from 'fast-check'
import type { Operation } from '../test/journal-disk.ts'
import { type Poison, poisonSlabs } from '../test/poisoned-slabs.ts'
import { type Settings, type Step, Trial, wall } from '../test/journal-trial.ts'

const which = fc.nat(2)
const operations = fc.constantFrom<Operation>(
  'append',
  'append',
  'create',
  'writeAt',
  'open',
  'sync',
  'sync',
  'syncNow',
  'truncate',
  'close',
  'rename',
  'remove',
  'makeFolder',
  'removeFolder',
)
const readings = fc.constantFrom<Operation>('read', 'list', 'stat', 'distrust', 'freeBytes')
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 8 }),
      bytes: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 16, max: 400 }) }, fc.integer({ min: 16, max: 6000 })),
      scopeId: fc.nat(2),
    }),
  },
  { weight: 30, arbitrary: fc.constant({ do: 'commit' as const }) },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      maxRecords: fc.integer({ min: 1, max: 12 }),
      maxBytes: fc.constantFrom(1, 500, 10_000),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant('ack' as const), which, isFree: fc.constantFrom(true, true, false) }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('release' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reject' as const), which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('part' as const), which }) },
  { weight: 3, arbitrary: fc.constant({ do: 'secure' as const }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('tick' as const),
      millis: fc.constantFrom(0, 100, 1000, 1500, 5000, 20_000, 75_000, 660_000),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      operation: operations,
      code: fc.constantFrom('EIO', 'ENOSPC', 'EMFILE'),
      times: fc.constantFrom(1, 1, 3, 1000),
      taken: fc.constantFrom(0, 0, 1, 40, 400),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      operation: readings,
      code: fc.constantFrom('EMFILE', 'ENFILE'),
      times: fc.constantFrom(1, 1, 3, 1000),
      taken: fc.constant(0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fill' as const), room: fc.nat(3000) }) },
  { weight: 8, arbitrary: fc.constant({ do: 'heal' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wipe' as const), all: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ do: 'giveUp' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'kill' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('killSoon' as const),
      operations: fc.nat(12),
      taken: fc.constantFrom(0, 0, 20, 100),
    }),
  },
)

const settings: fc.Arbitrary<Settings> = fc.record({
  maxBytes: fc.constantFrom(15_000, 40_000, 1e9, 1e9),
  maxQueueBytes: fc.constantFrom(600, 3000, 1e6),
  maxQueueSize: fc.constantFrom(10, 100, Number.POSITIVE_INFINITY),
  maxAgeMillis: fc.constantFrom(600_000, 48 * 3_600_000, 1e12),
  segmentBytes: fc.constantFrom(300, 1000, 4096),
  slabBytes: fc.constantFrom(128, 1024),
  evict: fc.constantFrom('oldest' as const, 'oldest' as const, 'newest' as const),
  overflow: fc.constantFrom('drop-oldest' as const, 'drop-newest' as const),
  fsync: fc.constantFrom('interval' as const, 'batch' as const, 'none' as const),
})

const RUNS = Number(process.env['FC_RUNS'] ?? 10_000)
const SEED = process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }

let poison: Poison

beforeAll(() => {
  poison = poisonSlabs()
  jest.spyOn(Date, 'now').mockImplementation(() => wall.now)
})

afterAll(() => {
  poison.end()
  jest.restoreAllMocks()
})

describe('a journal', () => {
  it(
    'keeps every promise in every history, on any disk, over any number of processes',
    async () => {
      await fc.assert(
        fc.asyncProperty(settings, fc.array(steps, { maxLength: 80, size: 'max' }), (all, history) =>
          new Trial(all).run(history),
        ),
        { numRuns: RUNS, ...SEED },
      )
      if (process.env['FC_SEED'] === undefined) expect(poison.slabs).toBeGreaterThan(RUNS / 2)
    },
    120_000 + 20 * RUNS,
  )
})
