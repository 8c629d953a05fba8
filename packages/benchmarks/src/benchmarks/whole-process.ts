// The CPU time and the memory of a whole process that logs evenly, and how fast it can go.

import { type Actor, type StageOptions, withActors } from '../app/stage.ts'
import { type Benchmark, inRounds, type Run } from '../benchmark.ts'
import * as all from '../contenders.ts'
import { valuesOf } from '../measure/stretch-values.ts'
import { profileApp } from '../profile/profile-app.ts'
import type { Scale } from '../results.ts'
import { highestLossless } from './highest-lossless.ts'
import { tellWholeProcess, wholeProcessTargets } from './whole-process-doc.ts'
import * as names from './whole-process-names.ts'

/** At all rates. */
const PACED = [
  all.PINO_FILE,
  all.OTLP_TRANSPORT,
  all.PINO_OPENTELEMETRY,
  all.WINSTON_NO_OP,
  all.WINSTON_OTLP,
  names.BRIDGE,
]
/** At one. */
const PACED_ONCE = [all.PINO_NO_OP, all.PINO_TARGET, all.OTLP_STREAM, all.PINO_LOKI, all.WINSTON_LOKI]
const AT_FULL_SPEED = [all.COUNTING, all.OTLP_TRANSPORT, all.WINSTON_NO_OP, all.WINSTON_OTLP]
const LOSSLESS = [all.OTLP_TRANSPORT, all.PINO_OPENTELEMETRY]
const HELD = [all.OTLP_TRANSPORT]

interface Settings {
  warmMillis: number
  paced: readonly all.Contender[]
  pacedOnce: readonly all.Contender[]
  rates: readonly number[]
  rounds: number
  millis: number
  atFullSpeed: readonly all.Contender[]
  floodLines: number
  lossless: readonly all.Contender[]
  ladder: readonly number[]
  /** How often, and how long, each rate of the search is tried. */
  searches: number
  searchMillis: number
  /** How often, and how long, the rate that must be lossless is held. */
  holds: number
  holdMillis: number
}

const USUAL: Settings = {
  warmMillis: 1200,
  paced: PACED,
  pacedOnce: PACED_ONCE,
  rates: names.RATES,
  rounds: 3,
  millis: 600,
  atFullSpeed: AT_FULL_SPEED,
  floodLines: 200_000,
  lossless: LOSSLESS,
  ladder: names.LADDER,
  searches: 1,
  searchMillis: 1500,
  holds: 1,
  holdMillis: 10_000,
}

const SETTINGS: Record<Scale, Settings> = {
  usual: USUAL,
  long: {
    ...USUAL,
    warmMillis: 5000,
    rounds: 5,
    millis: 10_000,
    floodLines: 1_000_000,
    searches: 3,
    searchMillis: 10_000,
    holds: 3,
  },
  // The other contenders do the same in other benchmarks.
  smoke: {
    ...USUAL,
    warmMillis: 50,
    paced: [all.PINO_FILE, all.OTLP_TRANSPORT],
    pacedOnce: [],
    rates: [names.COMPARED_RATE],
    rounds: 1,
    millis: 100,
    atFullSpeed: [all.COUNTING, all.OTLP_TRANSPORT],
    floodLines: 2000,
    lossless: [all.OTLP_TRANSPORT],
    ladder: [1000],
    searchMillis: 50,
    holdMillis: 50,
  },
}

/** Of the lines that nobody counts: so many that the compilers are done with them. */
const WARM_PER_SECOND = 50_000

export const wholeProcess: Benchmark = {
  name: 'whole-process',
  title: 'The whole process',
  what: 'An app logs the short line evenly, in a process of its own. Its CPU time, of all threads, is taken until the last line has arrived, and divided by the lines that arrived. The floor is the same logger without a way out: `pino/file` for pino, a no-op stream for `otlpStream`, a no-op transport for winston. Each process goes through the rates from the slowest to the fastest, in all rounds; its memory is that of the first.',
  profiles: [...new Set([...PACED, ...PACED_ONCE, ...AT_FULL_SPEED].map(({ name }) => name))],

  async measure(run) {
    const settings = SETTINGS[run.scale]
    const { atFullSpeed, lossless, paced, pacedOnce, warmMillis } = settings
    const stage: StageOptions = { warm: { perSecond: WARM_PER_SECOND, millis: warmMillis } }
    const near = [...new Set([...paced, ...pacedOnce, ...atFullSpeed])]
    await withActors(near, stage, async (actors) => {
      await measurePaced(actors, settings, run)
      await measureAtFullSpeed(actors, settings, run)
      await measureLossless(actors, 0, settings, run)
    })
    const roundTripMillis = names.FAR_MILLIS
    await withActors(lossless, { ...stage, roundTripMillis }, (actors) =>
      measureLossless(actors, roundTripMillis, settings, run),
    )
  },

  tell: tellWholeProcess,
  targets: wholeProcessTargets,
  profile: (execArgv, of) =>
    profileApp([...PACED, ...PACED_ONCE, all.COUNTING], execArgv, of ?? all.OTLP_TRANSPORT.name),
}

function among(actors: readonly Actor[], contenders: readonly all.Contender[]): Actor[] {
  return actors.filter(({ contender }) => contenders.includes(contender))
}

async function measurePaced(actors: readonly Actor[], settings: Settings, { record }: Run): Promise<void> {
  const { millis, paced, pacedOnce, rates, rounds } = settings
  await inRounds(among(actors, [...paced, ...pacedOnce]), rounds, async ({ app, contender }, round) => {
    for (const perSecond of paced.includes(contender) ? rates : [names.COMPARED_RATE]) {
      const { rssPeakMib, ...values } = valuesOf(await app.measure({ do: 'pace', perSecond, millis }))
      // What a fast stretch has claimed, a slow one after it still has.
      const memory = round === 0 && { rssPeakMib: rssPeakMib! }
      record({ condition: names.ofRate(perSecond), contender: contender.name, round, values: { ...values, ...memory } })
    }
  })
}

async function measureAtFullSpeed(actors: readonly Actor[], settings: Settings, { record }: Run): Promise<void> {
  const { atFullSpeed, floodLines, rounds } = settings
  await inRounds(among(actors, atFullSpeed), rounds, async ({ app, contender }, round) => {
    const values = valuesOf(await app.measure({ do: 'flood', count: floodLines }))
    record({ condition: names.FULL_SPEED, contender: contender.name, round, values })
  })
}

async function measureLossless(
  actors: readonly Actor[],
  roundTripMillis: number,
  { holdMillis, holds, ladder, lossless, searches, searchMillis }: Settings,
  { record }: Run,
): Promise<void> {
  await inRounds(among(actors, lossless), searches, async ({ app, contender }, round) => {
    const perSecond = await highestLossless(ladder, (rate) =>
      app.measure({ do: 'pace', perSecond: rate, millis: searchMillis }),
    )
    record({
      condition: names.losslessWith(roundTripMillis),
      contender: contender.name,
      round,
      values: { perSecond },
    })
  })
  await inRounds(among(actors, HELD), holds, async ({ app, contender }, round) => {
    const stretch = await app.measure({ do: 'pace', perSecond: names.HELD_RATE, millis: holdMillis })
    record({ condition: names.heldWith(roundTripMillis), contender: contender.name, round, values: valuesOf(stretch) })
  })
}
