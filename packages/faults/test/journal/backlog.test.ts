// A start that finds a quarter of a gigabyte that others left: it takes no time and little memory, new lines go out between
// the old ones, and these come in their order.

import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { LIFE_KEY } from '../../src/kill/arrivals.ts'
import { TENANT } from '../../src/kill/life.ts'
import { percentile } from '../../src/kill/judge.ts'
import { bytesIn } from './disk-use.ts'
import { DOWN, STAY, useBench } from './journal-bench.ts'

const held = useBench()
const MIB = 1024 * 1024
const FULL = process.env['FAULTS_FULL'] === '1'
const BACKLOG_BYTES = (FULL ? 1024 : 256) * MIB
/** Long ones, so that the receiver has less to do. */
const LINE_BYTES = 16 * 1024
const LINES = Math.floor(BACKLOG_BYTES / LINE_BYTES)
const JOURNAL = { maxBytes: 4 * BACKLOG_BYTES }
const DEAD = 100
const FEW = 10
/** It takes 3 s without new lines. */
const MANY_MILLIS = 20_000
const LIVE_PER_SECOND = 50
/** The promise is 250 ms. A busy machine may take its time. */
const MAX_START_MILLIS = 500
/** It takes 8 s without new lines; they must not make it much slower. */
const MAX_DRAIN_MILLIS = FULL ? 160_000 : 40_000
/** Of what one batch and one file take. */
const MAX_GROWTH_MIB = 32 + 32

function setUp(endpoint: string, directory: string): string {
  const options = { endpoint, journal: { directory, tenant: TENANT, ...JOURNAL } }
  return `
    import pino from 'pino'
    import { otlpStream } from 'pino-otlp'
    otlpStream({ endpoint: ${JSON.stringify(endpoint)} })
    globalThis.gc()
    const before = process.memoryUsage.rss()
    const startedAt = performance.now()
    const transport = otlpStream(${JSON.stringify(options)})
    const startMillis = performance.now() - startedAt
    const logger = pino({ base: null }, transport)`
}

/** Logs evenly until all is delivered, and tells how large it was at most. */
const SOURCE = `
  say('startMillis', startMillis)
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
  let isOver = false
  void cue('over').then(() => (isOver = true))
  while (!isOver) await pace(${LIVE_PER_SECOND}, 1000)
  clearInterval(watch)
  say('growthMiB', (most - before) / ${MIB})
  process.exit(0)`

test(
  `F21: a start that finds a backlog is as fast as ever, takes little memory, and sends new lines between the old ones, which keep their order`,
  async () => {
    const { bench } = held
    bench.receiver.setAnswer(DOWN)
    const left = bench.start('otlpStream', {
      source: `for (let i = 0; i < ${LINES}; i += 64) log(Math.min(64, ${LINES} - i), ${LINE_BYTES - 200}); say('written'); ${STAY}`,
      journal: JOURNAL,
    })
    await left.app.stdoutLine('written')
    await left.kill()
    expect(bytesIn(bench.directory)).toBeGreaterThan(0.9 * BACKLOG_BYTES)

    const latencies: number[] = []
    bench.onAccepted = (records) => {
      const now = Date.now()
      for (const { resource, timeUnixNano } of records) {
        if (resource[LIFE_KEY] !== left.name) latencies.push(now - Number(timeUnixNano / 1_000_000n))
      }
    }
    bench.receiver.setAnswer({})
    const startedAt = Date.now()
    const life = bench.start('otlpStream', {
      source: SOURCE,
      setUp: setUp(bench.receiver.endpoint, bench.directory),
      execArgv: ['--expose-gc'],
      timeoutMillis: 600_000,
      keepInput: true,
    })
    await bench.waitFor(left, LINES, 300_000)
    const drainedMillis = Date.now() - startedAt
    life.app.write('over\n')
    life.app.endInput()
    const result = await life.app.done
    const [startMillis] = saidBy<number>(result, 'startMillis')
    const [growthMiB] = saidBy<number>(result, 'growthMiB')
    const latencyP95Millis = percentile(
      latencies.toSorted((a, b) => a - b),
      0.95,
    )
    figure('F21', `${BACKLOG_BYTES / MIB} MiB`, {
      startMillis: Math.round(startMillis!),
      growthMiB: Math.round(growthMiB!),
      latencyP95Millis,
      drainedMillis,
    })
    expect(result.stderr).toBe('')
    expect(startMillis).toBeLessThan(MAX_START_MILLIS)
    expect(bench.arrivals.of(left.name)).toMatchObject({
      delivered: LINES,
      duplicates: 0,
      mismatches: 0,
      disordered: 0,
    })
    expect(bench.arrivals.missing(life.name, life.logged)).toEqual([])
    expect(latencyP95Millis).toBeLessThanOrEqual(5000)
    expect(growthMiB).toBeLessThan(MAX_GROWTH_MIB)
    expect(drainedMillis).toBeLessThan(MAX_DRAIN_MILLIS)
  },
  FULL ? 600_000 : 120_000,
)

test('F21: a little from each of many dead processes is not held up by new lines', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const left = await bench.dead('otlpStream', FEW)
  bench.receiver.setAnswer({})
  const [instance] = readdirSync(bench.keyFolder)
  const folder = join(bench.keyFolder, instance!)
  for (let i = 1; i < DEAD; i++) {
    const copy = join(bench.keyFolder, i.toString(16).padStart(16, '0'))
    mkdirSync(copy)
    copyFileSync(join(folder, '00000001.seg'), join(copy, '00000001.seg'))
    writeFileSync(join(copy, 'h'), 'closed')
  }
  let came = 0
  bench.onAccepted = (records) => {
    for (const { resource } of records) if (resource[LIFE_KEY] === left.name) came++
  }
  const startedAt = Date.now()
  bench.start('otlpStream', { source: `setInterval(() => log(1), 20)` })
  await bench.receiver.waitFor(() => came === DEAD * FEW, MANY_MILLIS, 'all that was left')
  figure('F21', `${DEAD} dead processes`, { drainedMillis: Date.now() - startedAt })
})
