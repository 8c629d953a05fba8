// Ten minutes of outage at 5000 lines a second, with 64 MiB of memory: what does not fit waits on disk only, and comes back
// in its order when the collector does, in turn with the lines that are logged then, in theirs. Scaled: ten seconds (with FAULTS_FULL a minute) with as much less memory, so that
// the share of the lines that memory can hold is that of the ten minutes; the rate stays.

import { type LoggingMode, type ReceivedRecord, saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { LIFE_KEY } from '../../src/kill/arrivals.ts'
import { percentile } from '../../src/kill/judge.ts'
import type { Life } from '../../src/kill/life.ts'
import { useBench } from './journal-bench.ts'

const held = useBench()
const FULL = process.env['FAULTS_FULL'] === '1'
const OUTAGE_MILLIS = FULL ? 60_000 : 10_000
const PER_SECOND = 5000
const MIB = 1024 * 1024
const MAX_QUEUE_BYTES = Math.round((64 * MIB * OUTAGE_MILLIS) / 600_000)
/**
 * What V8 has not collected yet: its young generation grows with what is logged and sent. Files that are read back lie in
 * memory that is used again.
 */
const UNCOLLECTED_MIB = FULL ? 64 : 32
/** Of the criterion, and that: no matter how long it takes. */
const MAX_GROWTH_MIB = MAX_QUEUE_BYTES / MIB + 32 + UNCOLLECTED_MIB
const BYTES = 200

const MODES: readonly LoggingMode[] = ['otlpStream', 'otlpTransport']

const SOURCE = `
  await transport.flush()
  log(1)
  globalThis.gc()
  const before = process.memoryUsage.rss()
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
  await pace(${PER_SECOND}, ${OUTAGE_MILLIS}, ${BYTES})
  say('written', __logged)
  say('growthMiB', (most - before) / ${MIB})
  let isOver = false
  void cue('over').then(() => (isOver = true))
  while (!isOver) await pace(50, 200, ${BYTES})
  clearInterval(watch)
  say('growthMiB', (most - before) / ${MIB})
  sayStats()
  await transport.close()
  process.exit(0)`

/** One process in it. */
class Outage {
  readonly #life: Life
  readonly #latencies: number[] = []
  /** The last lines of what arrived, taken for two sequences; a line that continues neither is out of its order. */
  readonly #tails = [-1, -1]
  #disordered = 0
  #before = 0
  #written = 0
  #backAt = 0
  #drainedAt = 0

  constructor(mode: LoggingMode) {
    this.#life = held.bench.start(mode, {
      source: SOURCE,
      options: { maxQueueBytes: MAX_QUEUE_BYTES },
      execArgv: ['--expose-gc'],
      keepInput: true,
      timeoutMillis: 4 * OUTAGE_MILLIS + 60_000,
    })
  }

  async isOver(): Promise<void> {
    this.#written = Number((await this.#life.app.stdoutLine('written')).split(' ')[1])
    this.#backAt = Date.now()
  }

  sees({ resource, timeUnixNano, attributes }: ReceivedRecord): void {
    if (resource[LIFE_KEY] !== this.#life.name) return
    const seq = Number(attributes['seq'])
    const tail = this.#tails.findIndex((last) => last < seq)
    if (tail < 0) this.#disordered++
    else this.#tails[tail] = seq
    this.#tails.sort((a, b) => b - a)
    const loggedAt = Number(timeUnixNano / 1_000_000n)
    if (loggedAt > this.#backAt) this.#latencies.push(Date.now() - loggedAt)
    if (seq >= this.#written && this.#drainedAt === 0) this.#before++
    if (held.bench.arrivals.of(this.#life.name).delivered >= this.#written) this.#drainedAt ||= Date.now()
  }

  async drain(): Promise<void> {
    await held.bench.waitFor(this.#life, this.#written, 240_000)
    this.#life.app.write('over\n')
    this.#life.app.endInput()
  }

  async judge(): Promise<void> {
    const { name, mode, app } = this.#life
    const result = await app.done
    const { logged } = this.#life
    const [inOutageMiB, growthMiB] = saidBy<number>(result, 'growthMiB') as [number, number]
    const [stats] = saidBy<{ dropped: object }>(result, 'stats')
    figure('F20', `${mode}, a long outage`, {
      lines: this.#written,
      inOutageMiB: Math.round(inOutageMiB),
      growthMiB: Math.round(growthMiB),
      drainedMillis: this.#drainedAt - this.#backAt,
      latencyP95Millis: percentile(
        this.#latencies.toSorted((a, b) => a - b),
        0.95,
      ),
    })
    expect({ mode, dropped: stats!.dropped }).toEqual({ mode, dropped: { total: 0 } })
    const arrived = held.bench.arrivals.of(name)
    expect({ mode, ...arrived }).toMatchObject({ mode, delivered: logged, duplicates: 0, mismatches: 0 })
    expect({ mode, disordered: this.#disordered }).toEqual({ mode, disordered: 0 })
    // They were not kept waiting for all of it.
    expect(this.#before).toBeGreaterThan(0)
    expect(growthMiB).toBeLessThan(MAX_GROWTH_MIB)
  }
}

test(
  'F01, F20: a long outage costs no line and little memory, and what waited is delivered between the new lines',
  async () => {
    const { bench } = held
    await bench.receiver.close()
    const outages = MODES.map((mode) => new Outage(mode))
    for (const outage of outages) await outage.isOver()
    bench.onAccepted = (records) => {
      for (const record of records) for (const outage of outages) outage.sees(record)
    }
    await bench.reopen()
    await Promise.all(outages.map((outage) => outage.drain()))
    for (const outage of outages) await outage.judge()
  },
  6 * OUTAGE_MILLIS + 60_000,
)
