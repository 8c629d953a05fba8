// Many lines in one tick: what arrives, and how soon.

import { type Actor, withActors } from '../app/stage.ts'
import { type Benchmark, inRounds } from '../benchmark.ts'
import * as all from '../contenders.ts'
import { makeTempFolders } from '../measure/temp-folders.ts'
import { lostOf, valuesOf } from '../measure/stretch-values.ts'
import { profileApp } from '../profile/profile-app.ts'
import { table } from '../report/table.ts'
import type { Scale } from '../results.ts'
import { rounded, type Samples, spread } from '../samples.ts'
import { atMost, type Target } from '../target.ts'

const GZIP = all.withOptions(all.OTLP_TRANSPORT, 'gzip', { compression: 'gzip' })
const ZSTD = all.withOptions(all.OTLP_TRANSPORT, 'zstd', { compression: 'zstd' })
const LARGE_QUEUE = { maxQueueBytes: 2 ** 29 }
const STREAM_LARGE = all.withOptions(all.OTLP_STREAM, 'queue of 512 MiB', LARGE_QUEUE)
const WINSTON_LARGE = all.withOptions(all.WINSTON_OTLP, 'queue of 512 MiB', LARGE_QUEUE)

const PLAIN = [
  all.COUNTING,
  all.PINO_TARGET,
  all.OTLP_TRANSPORT,
  GZIP,
  ZSTD,
  all.OTLP_STREAM,
  all.PINO_OPENTELEMETRY,
  all.PINO_LOKI,
  all.WINSTON_OTLP,
  all.WINSTON_BRIDGE,
  all.WINSTON_LOKI,
]
const MILLION = [all.COUNTING, all.OTLP_TRANSPORT, all.OTLP_STREAM, STREAM_LARGE, WINSTON_LARGE]

const SETTINGS: Record<Scale, { rounds: number; warmMillis: number; lines: number; many: number; manyRounds: number }> =
  {
    smoke: { rounds: 1, warmMillis: 30, lines: 200, many: 500, manyRounds: 1 },
    usual: { rounds: 3, warmMillis: 1000, lines: 100_000, many: 1_000_000, manyRounds: 1 },
    long: { rounds: 7, warmMillis: 2000, lines: 100_000, many: 1_000_000, manyRounds: 3 },
  }
const WARM_PER_SECOND = 50_000

const BURST = 'burst of 100 000'
const LARGE_BURST = 'burst of 1 000 000'

export const burst: Benchmark = {
  name: 'burst',
  title: 'A burst',
  what: 'An app logs 100 000 short lines in one tick, and then 1 000 000; all answers are success. The time runs from the first call to the last arrival. Rounds of all transports interleave; each process lives through all rounds, and its memory is that of the first.',
  profiles: PLAIN.map(({ name }) => name),

  async measure({ scale, record }) {
    const { rounds, warmMillis, lines, many, manyRounds } = SETTINGS[scale]
    const warm = { perSecond: WARM_PER_SECOND, millis: warmMillis }
    const measure = async ({ contender, app }: Actor, at: number, condition: string, count: number): Promise<void> => {
      const { rssPeakMib, ...values } = valuesOf(await app.measure({ do: 'burst', count }))
      // What one burst has claimed, the next still has.
      const memory = at === 0 && { rssPeakMib: rssPeakMib! }
      record({ condition, contender: contender.name, round: at, values: { ...values, ...memory } })
    }
    const folders = makeTempFolders()
    try {
      const journal = all.withOptions(all.OTLP_TRANSPORT, 'journal', { journal: { directory: folders.next() } })
      await withActors([...PLAIN, journal], { warm }, (actors) =>
        inRounds(actors, rounds, (actor, at) => measure(actor, at, BURST, lines)),
      )
    } finally {
      folders.remove()
    }
    await withActors(MILLION, { warm }, (actors) =>
      inRounds(actors, manyRounds, (actor, at) => measure(actor, at, LARGE_BURST, many)),
    )
  },

  tell(samples) {
    return samples.conditions.map((condition) => {
      const rows = samples
        .contenders(condition)
        .map((contender) => [
          contender,
          lostOf(samples.values(condition, contender)),
          rounded(samples.median(condition, contender, ({ count, lost }) => count! - lost!)),
          spread(samples.all(condition, contender, 'settledMillis')),
          spread(timesOfCounting(samples, condition, contender)),
          spread(samples.all(condition, contender, 'loggedMillis')),
          spread(samples.all(condition, contender, 'cpuMicrosPerRecord')),
          rounded(samples.median(condition, contender, 'wireBytesPerRecord')),
          spread(samples.all(condition, contender, 'rssPeakMib')),
        ])
      const head = ['Transport', 'lost', 'delivered', 'ms', 'times counting', 'of these in the calls, ms']
      const more = ['CPU µs per record', 'bytes per record', 'RSS peak, MiB']
      return `A ${condition}:\n\n${table([...head, ...more], rows)}`
    })
  },

  targets(samples): Target[] {
    const { name } = all.OTLP_TRANSPORT
    return [
      atMost('Burst of 100 000: nothing is lost', samples.all(BURST, name, 'lost'), 0),
      atMost(
        'Burst of 100 000: at most 2.5 times the time that the counting stream needs',
        timesOfCounting(samples, BURST, name),
        2.5,
      ),
    ]
  },

  profile: (execArgv, of) => profileApp([...PLAIN, ...MILLION], execArgv, of ?? all.OTLP_TRANSPORT.name),
}

function timesOfCounting(samples: Samples, condition: string, contender: string): number[] {
  const { name } = all.COUNTING
  if (contender === name) return []
  return samples.combined(condition, [contender, name], 'settledMillis', (own, counting) => own / counting)
}
