// Random histories of queue and sender, judged by the model of test/sender-model.ts after each step.
// A failure prints its seed: FC_SEED=... runs it again. FC_RUNS=... runs more.

import * as fc from 'fast-check'
import { type Poison, poisonSlabs } from '../test/poisoned-slabs.ts'
import { DONE, REJECTED, RETRYABLE, SUCCESS, TOO_LARGE } from '../test/sender-bench.ts'
import type { Result } from '../test/sender-model.ts'
import { type Settings, type Step, Trial } from '../test/sender-trial.ts'

const retryables = fc
  .oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: fc.nat(20_000) },
    fc.constant(1_000_000),
  )
  .map((retryAfterMillis): Result => ({ ...RETRYABLE, retryAfterMillis }))
const results: fc.Arbitrary<Result> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(SUCCESS, DONE, DONE, DONE) },
  { weight: 5, arbitrary: retryables },
  { weight: 3, arbitrary: fc.constantFrom(REJECTED, TOO_LARGE, TOO_LARGE) },
  { weight: 1, arbitrary: fc.nat(12).map((rejected): Result => ({ kind: 'success', rejected })) },
  { weight: 1, arbitrary: fc.constant(new Error('bug')) },
)
const timeouts = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1, max: 40_000 }))
const advances = fc.oneof(fc.constant(0), fc.nat(20), fc.nat(1500), fc.nat(6000), fc.nat(30_000))

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 36,
    arbitrary: fc.record({
      do: fc.constant('emit' as const),
      count: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }) }, fc.integer({ min: 1, max: 200 })),
      bytes: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 8, max: 40 }) }, fc.integer({ min: 8, max: 300 })),
      scopeId: fc.nat(1),
    }),
  },
  { weight: 56, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(3), result: results }) },
  { weight: 36, arbitrary: fc.record({ do: fc.constant('advance' as const), millis: advances }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('flush' as const), millis: timeouts }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('serve' as const), result: fc.option(results, { nil: undefined }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('shutdown' as const), millis: timeouts }) },
)

const bounds = fc.oneof(
  fc.record({
    maxExportBatchSize: fc.constantFrom(1, 3, 10),
    maxExportBatchBytes: fc.constantFrom(1, 100, 1000),
    maxQueueSize: fc.constantFrom(1, 5, 40, 200, Number.POSITIVE_INFINITY),
    maxQueueBytes: fc.constantFrom(64, 300, 2000, 1e9),
  }),
  fc.record({
    maxExportBatchSize: fc.constantFrom(10, 100, 150, 300),
    maxExportBatchBytes: fc.constantFrom(1000, 1e6, 1e6),
    maxQueueSize: fc.constantFrom(100, 500, Number.POSITIVE_INFINITY),
    maxQueueBytes: fc.constantFrom(20_000, 1e9),
  }),
)
const settings: fc.Arbitrary<Settings> = fc
  .tuple(
    bounds,
    fc.record({
      concurrency: fc.constantFrom(1, 1, 2, 4),
      scheduledDelayMillis: fc.constantFrom(0, 100, 1000),
      overflow: fc.constantFrom('drop-oldest' as const, 'drop-newest' as const),
      slabBytes: fc.constantFrom(64, 128, 512),
      chances: fc.nat(),
      end: fc.constantFrom('drain' as const, 'drain' as const, 'takeOver' as const),
    }),
  )
  .map(([some, others]) => {
    // As resolve-options.ts has it.
    return { ...some, ...others, maxExportBatchSize: Math.min(some.maxExportBatchSize, some.maxQueueSize) }
  })

const RUNS = Number(process.env['FC_RUNS'] ?? 10_000)
const SEED = process.env['FC_SEED'] === undefined ? {} : { seed: Number(process.env['FC_SEED']) }

let poison: Poison

beforeAll(() => void (poison = poisonSlabs()))
afterAll(() => poison.end())

describe('queue and sender', () => {
  it(
    'keep every promise of delivery in every history',
    async () => {
      await fc.assert(
        fc.asyncProperty(settings, fc.array(steps, { maxLength: 100, size: 'max' }), (all, history) =>
          new Trial(all).run(history),
        ),
        { numRuns: RUNS, ...SEED },
      )
      if (process.env['FC_SEED'] === undefined) expect(poison.slabs).toBeGreaterThan(RUNS)
    },
    60_000 + 20 * RUNS,
  )
})
