// What a log call costs the thread that makes it.

import { type Actor, withActors } from '../app/stage.ts'
import { type Benchmark, inRounds } from '../benchmark.ts'
import * as all from '../contenders.ts'
import { profileApp } from '../profile/profile-app.ts'
import { table } from '../report/table.ts'
import type { Scale } from '../results.ts'
import { rounded, type Samples, spread } from '../samples.ts'
import { atMost } from '../target.ts'

const HEALTHY = 'the collector answers'
const OUTAGE = 'the collector answers 503'

const IN_SPAN = all.withSpan(all.OTLP_TRANSPORT)
const BRIDGE = all.withRaisedQueue(all.WINSTON_BRIDGE)

const CONTENDERS = [
  all.PINO_NO_OP,
  all.PINO_FILE,
  all.OTLP_TRANSPORT,
  IN_SPAN,
  all.OTLP_STREAM,
  all.PINO_OPENTELEMETRY,
  all.WINSTON_NO_OP,
  all.WINSTON_OTLP,
  BRIDGE,
  all.WINSTON_LOKI,
]
const IN_OUTAGE = [all.OTLP_TRANSPORT, all.OTLP_STREAM, all.WINSTON_OTLP, BRIDGE]

/** What each is compared with: the same logger, without a way out. */
const FLOORS = new Map<string, string>([
  ...[all.OTLP_TRANSPORT, IN_SPAN, all.PINO_OPENTELEMETRY].map((of) => [of.name, all.PINO_FILE.name] as const),
  [all.OTLP_STREAM.name, all.PINO_NO_OP.name],
  ...[all.WINSTON_OTLP, BRIDGE, all.WINSTON_LOKI].map((of) => [of.name, all.WINSTON_NO_OP.name] as const),
])

const SETTINGS: Record<Scale, { rounds: number; warmMillis: number; millis: number; outageMillis: number }> = {
  smoke: { rounds: 1, warmMillis: 100, millis: 60, outageMillis: 60 },
  usual: { rounds: 3, warmMillis: 1000, millis: 1000, outageMillis: 1500 },
  long: { rounds: 7, warmMillis: 2000, millis: 4000, outageMillis: 10_000 },
}
const PER_SECOND = 20_000
const WARM_PER_SECOND = 50_000
const OUTAGE_PER_SECOND = 5000

export const appThread: Benchmark = {
  name: 'app-thread',
  title: "The app's thread",
  what: `What a log call of the short line costs the thread that makes it, at ${rounded(PER_SECOND)} calls a second, in an outage ${rounded(OUTAGE_PER_SECOND)}. The mean is taken over blocks of calls, the percentiles over an HDR histogram of single calls. "Added" is the mean over that of the same logger without a way out: pino's own worker with \`pino/file\` for what runs in a worker, a no-op stream for \`otlpStream\`, a no-op transport for winston.`,
  profiles: CONTENDERS.map(({ name }) => name),

  async measure({ scale, record }) {
    const { rounds, warmMillis, millis, outageMillis } = SETTINGS[scale]
    const measure = async ({ contender, app }: Actor, at: number, condition: string): Promise<void> => {
      const isHealthy = condition === HEALTHY
      const calls = isHealthy ? await app.calls(PER_SECOND, millis) : await app.calls(OUTAGE_PER_SECOND, outageMillis)
      record({ condition, contender: contender.name, round: at, values: { ...calls } })
    }
    await withActors(CONTENDERS, { warm: { perSecond: WARM_PER_SECOND, millis: warmMillis } }, async (actors) => {
      await inRounds(actors, rounds, (actor, at) => measure(actor, at, HEALTHY))
      const others = actors.filter(({ contender }) => IN_OUTAGE.includes(contender))
      await Promise.all(others.map(({ receiver }) => receiver.answerWith(503)))
      await inRounds(others, rounds, (actor, at) => measure(actor, at, OUTAGE))
    })
  },

  tell(samples) {
    return samples.conditions.flatMap((condition) => {
      const rows = samples
        .contenders(condition)
        .map((contender) => [
          contender,
          condition === HEALTHY ? spread(added(samples, contender)) : '',
          spread(samples.all(condition, contender, 'meanMicros')),
          ...['p50Micros', 'p99Micros', 'p999Micros', 'maxMicros'].map((each) =>
            spread(samples.all(condition, contender, each)),
          ),
        ])
      const head = ['Transport', 'added, µs a call', 'mean, µs', 'p50', 'p99', 'p99.9', 'max']
      return [`While ${condition}:`, table(head, rows)]
    })
  },

  targets(samples) {
    const rare = samples.all(OUTAGE, all.WINSTON_OTLP.name, ({ p999Micros }) => p999Micros! / 1000)
    return [
      atMost('otlpTransport adds at most 0.3 µs a line', added(samples, all.OTLP_TRANSPORT.name), 0.3, ' µs'),
      atMost('otlpTransport in a span adds at most 0.5 µs a line', added(samples, IN_SPAN.name), 0.5, ' µs'),
      atMost('winston, in an outage: no call over 1 ms at p99.9', rare, 1, ' ms'),
    ]
  },

  profile: (execArgv, of) => profileApp(CONTENDERS, execArgv, of ?? all.OTLP_TRANSPORT.name),
}

function added(samples: Samples, contender: string): number[] {
  const floor = FLOORS.get(contender)
  if (floor === undefined) return []
  return samples.combined(HEALTHY, [contender, floor], 'meanMicros', (own, least) => own - least)
}
