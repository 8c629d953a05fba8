// Kills of one mode, one after the other, and what became of the lines. Each process logs evenly until it is killed, at
// random, while the receiver takes its time at random. Half of them find what the last ones left, and deliver it beside
// their own lines; the others have a tenant of their own, so that they are sending when they die. In the end one process
// delivers all that is left.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, type LoggingMode, makeTempFolder, startReceiver } from '@otlp-logs/test-support'
import { type Random, randomOf } from '../soak/random.ts'
import { Arrivals, SENDER_HEADER } from './arrivals.ts'
import { drainSource } from './drain.ts'
import { Life, TENANT } from './life.ts'

export interface KillPlan {
  mode: LoggingMode
  kills: number
  /** Lines a second. */
  rate: number
  /** Milliseconds from the first line to the earliest kill. */
  after: number
  seed: number
  /** How many of them to leave out. @default none */
  from?: number
}

/** One process that was killed. */
export interface Killed {
  logged: number
  delivered: number
}

export interface KillReport {
  plan: KillPlan
  killed: Killed[]
  lines: number
  delivered: number
  duplicates: number
  mismatches: number
  disordered: number
  /** Of how many batches of one process lines came twice, at most. */
  doubledBatches: number
  /** Paths that are left in the journal when all is delivered. */
  leftovers: string[]
  problems: string[]
}

const BATCH_SIZE = 256
const MAX_LIFE_MILLIS = 300
const DRAIN_MILLIS = 120_000
/** At once, and in batches no larger than the first after a start: after larger ones there would be pauses. */
const HASTE = { scheduledDelayMillis: 1, maxExportBatchSize: 64 }
const DELAYS = [5, 50, 1000] as const

/** Logs evenly, line by line, so that the count is never far behind. Behind a worker it begins when that is ready. */
function sourceOf({ mode, rate }: KillPlan): string {
  const ready = {
    'pino target': `await new Promise((resolve) => logger[pino.symbols.streamSym].once('ready', resolve))`,
    otlpTransport: `await transport.flush()`,
    otlpStream: '',
    winston: '',
  }
  return `
    ${ready[mode]}
    say('steady')
    const startedAt = performance.now()
    for (let n = 0; ; ) {
      for (const due = ((performance.now() - startedAt) * ${rate}) / 1000; n < due; n++) log(1)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }`
}

export async function killLoop(plan: KillPlan, onKill: (killed: Killed) => void = () => {}): Promise<KillReport> {
  const { from = 0 } = plan
  // Each kill has a chance of its own, so that any can be the first.
  let random = randomOf(plan.seed, from)
  const temp = makeTempFolder()
  const directory = join(temp.path, 'journal')
  const arrivals = new Arrivals()
  const receiver = await startReceiver({ keep: false, onAccepted: arrivals.add, answer: () => answerOf(random) })
  const common = { endpoint: receiver.endpoint, directory, folder: temp.path }
  const lives: Life[] = []
  const tenants: string[] = []
  try {
    for (let i = from; i < from + plan.kills; i++) {
      random = randomOf(plan.seed, i)
      const tenant = random.chance(0.5) ? TENANT : `tenant ${i}`
      if (tenant !== TENANT) tenants.push(tenant)
      const options = { maxExportBatchSize: BATCH_SIZE, scheduledDelayMillis: random.pick(DELAYS) }
      const life = new Life({ ...common, mode: plan.mode, source: sourceOf(plan), options, journal: { tenant } })
      await life.app.stdoutLine('steady')
      await wait(plan.after + random.next() * MAX_LIFE_MILLIS)
      await life.kill()
      lives.push(life)
      onKill(stateOf(life, arrivals))
    }
    receiver.setAnswer({})
    const options = { endpoint: receiver.endpoint, headers: { [SENDER_HEADER]: 'drain' }, ...HASTE }
    const source = drainSource(directory, options, tenants)
    const { code, stderr } = await new Life({
      ...common,
      mode: 'otlpStream',
      source,
      options: HASTE,
      timeoutMillis: DRAIN_MILLIS,
    }).app.done
    if (code !== 0) throw new Error(`The process that should deliver the rest ended with ${code}: ${stderr}`)
    return reportOf(plan, lives, arrivals, leftoversIn(directory))
  } finally {
    for (const { app } of lives) app.kill('SIGKILL')
    await receiver.close()
    temp.remove()
  }
}

/** Mostly at once; sometimes late, so that the kill comes before the answer; sometimes not at all. */
function answerOf(random: Random): Answer {
  const chance = random.next()
  if (chance < 0.6) return {}
  if (chance < 0.95) return { delayMillis: random.next() * 100 }
  return { status: 503 }
}

function stateOf(life: Life, arrivals: Arrivals): Killed {
  const { delivered } = arrivals.of(life.name)
  // The last line may have gone before it was counted.
  return { logged: Math.max(life.logged, delivered), delivered }
}

function reportOf(plan: KillPlan, lives: readonly Life[], arrivals: Arrivals, leftovers: string[]): KillReport {
  const killed = lives.map((life) => stateOf(life, arrivals))
  const arrived = lives.map(({ name }) => arrivals.of(name))
  return {
    plan,
    killed,
    lines: sum(killed.map(({ logged }) => logged)),
    delivered: arrivals.delivered,
    duplicates: arrivals.duplicates,
    mismatches: sum(arrived.map(({ mismatches }) => mismatches)),
    disordered: sum(arrived.map(({ disordered }) => disordered)),
    doubledBatches: Math.max(0, ...arrivals.doubledRequests().values()),
    leftovers,
    problems: arrivals.problems,
  }
}

/** What is left beside the folders of tenants. */
function leftoversIn(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => !/^v1(?:\/[0-9a-f]{16})?$/.test(name)).toSorted()
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}
