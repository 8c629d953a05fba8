// A collector that is down, and comes back: what is lost, how soon the rest is there, what it costs meanwhile.

import { setTimeout as pause } from 'node:timers/promises'
import { type Actor, withActors } from '../app/stage.ts'
import type { Benchmark } from '../benchmark.ts'
import * as all from '../contenders.ts'
import { lostOf, valuesOf } from '../measure/stretch-values.ts'
import { makeTempFolders, type TempFolders } from '../measure/temp-folders.ts'
import { profileApp } from '../profile/profile-app.ts'
import { table } from '../report/table.ts'
import type { Scale } from '../results.ts'
import { type Samples, spread } from '../samples.ts'
import { atMost, type Target } from '../target.ts'

const PER_SECOND = 5000
/** Longer than any of them waits to try again. */
const QUIET_MILLIS = 15_000
const WARM_PER_SECOND = 5000

const SETTINGS: Record<Scale, { rounds: number; sideBySide: number; warmMillis: number; outageMillis: number }> = {
  smoke: { rounds: 1, sideBySide: 1, warmMillis: 30, outageMillis: 300 },
  usual: { rounds: 1, sideBySide: 2, warmMillis: 500, outageMillis: 30_000 },
  long: { rounds: 5, sideBySide: 1, warmMillis: 2000, outageMillis: 30_000 },
}

const CONDITION = 'outage of 30 s'
const PLAIN = [all.PINO_FILE, all.OTLP_TRANSPORT, all.PINO_OPENTELEMETRY, all.WINSTON_OTLP, all.WINSTON_BRIDGE]

export const outage: Benchmark = {
  name: 'outage',
  title: 'An outage',
  what: `The collector answers 503 for 30 s, while each app logs ${PER_SECOND} short lines a second; then it answers success. All apps log side by side, each to a receiver of its own, so that a round takes no longer than one of them. "Drained" is the time from the first success that was possible to the last arrival, a back-off of up to 5 s and the slow start included.`,
  profiles: [all.OTLP_TRANSPORT, all.OTLP_STREAM, all.WINSTON_OTLP].map(({ name }) => name),

  async measure({ scale, record }) {
    const { rounds, sideBySide, warmMillis, outageMillis } = SETTINGS[scale]
    for (let round = 0; round < rounds; round++) {
      const folders = makeTempFolders()
      try {
        const contenders = Array.from({ length: sideBySide }, () => contendersWith(folders)).flat()
        await withActors(contenders, { warm: { perSecond: WARM_PER_SECOND, millis: warmMillis } }, async (actors) => {
          await Promise.all(actors.map(({ receiver }) => receiver.answerWith(503)))
          await Promise.all(
            actors.map(async (actor, i) => {
              const values = await one(actor, outageMillis)
              const at = round * sideBySide + Math.floor((i * sideBySide) / contenders.length)
              record({ condition: CONDITION, contender: actor.contender.name, round: at, values })
            }),
          )
        })
      } finally {
        folders.remove()
      }
    }
  },

  tell(samples) {
    const rows = samples
      .contenders(CONDITION)
      .map((contender) => [
        contender,
        lostOf(samples.values(CONDITION, contender)),
        spread(samples.all(CONDITION, contender, 'drainedMillis')),
        spread(samples.all(CONDITION, contender, 'cpuMicrosPerLogged')),
        spread(samples.all(CONDITION, contender, 'waitingPeakMib')),
        spread(samples.all(CONDITION, contender, 'rssPeakMib')),
      ])
    return [
      table(
        ['Transport', 'lost', 'drained, ms', 'CPU µs per line logged', 'waiting at most, MiB', 'RSS peak, MiB'],
        rows,
      ),
    ]
  },

  targets(samples): Target[] {
    const beyond = rssBeyondWaiting(samples)
    return [
      atMost('Outage of 30 s: nothing is lost', samples.all(CONDITION, all.OTLP_TRANSPORT.name, 'lost'), 0),
      atMost('Memory in an outage: RSS over `pino/file` at most the waiting bytes and 32 MiB', beyond, 32, ' MiB'),
    ]
  },

  profile: (execArgv, of) =>
    profileApp([all.OTLP_TRANSPORT, all.OTLP_STREAM, all.WINSTON_OTLP], execArgv, of ?? all.OTLP_TRANSPORT.name),
}

function contendersWith(folders: TempFolders): all.Contender[] {
  const journal = all.withOptions(all.OTLP_TRANSPORT, 'journal', { journal: { directory: folders.next() } })
  return [...PLAIN, journal]
}

async function one({ app, contender, receiver }: Actor, outageMillis: number): Promise<Record<string, number>> {
  let recoveredAt = 0
  const stretch = await app.measure(
    { do: 'pace', perSecond: PER_SECOND, millis: outageMillis, withoutFlush: true },
    {
      quietMillis: QUIET_MILLIS,
      async meanwhile() {
        await pause(outageMillis)
        await receiver.answerWith(200)
        recoveredAt = Date.now()
      },
    },
  )
  return {
    ...valuesOf(stretch),
    cpuMicrosPerLogged: stretch.cpuMicros / stretch.count,
    ...(!contender.isLocal && stretch.delivered > 0 && { drainedMillis: Math.max(0, stretch.lastAt - recoveredAt) }),
  }
}

function rssBeyondWaiting(samples: Samples): number[] {
  const { name } = all.OTLP_TRANSPORT
  const beyond = samples.combined(CONDITION, [name, all.PINO_FILE.name], 'rssPeakMib', (own, floor) => own - floor)
  const waiting = samples.all(CONDITION, name, 'waitingPeakMib')
  return beyond.map((mib, i) => mib - (waiting[i] ?? 0))
}
