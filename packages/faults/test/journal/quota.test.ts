// A journal that may hold 1 MiB, and an outage in which ten times as much is logged; and records that grow too old. Never
// more disk than the quota and one file is used, and what is lost is counted to the record, and announced.

import { saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import type { Life } from '../../src/kill/life.ts'
import { watchUse } from './disk-use.ts'
import { EXPIRY_MILLIS, hasten } from './haste.ts'
import { DOWN, logAndStay, STAY, useBench } from './journal-bench.ts'

const held = useBench()
const MIB = 1024 * 1024
const SEGMENT = 64 * 1024
const JOURNAL = { maxBytes: MIB, segmentBytes: SEGMENT, minFreeBytes: 0 }
const LINES = 20_000
const BYTES = 500
/** What such a line takes, with its frame, at most. */
const LINE_ON_DISK = 800
const SHARING = 6
/** Not all at once, so that the use of the disk can be seen. */
const WRITE = `
  for (let i = 0; i < 100; i++) {
    log(${LINES / 100}, ${BYTES})
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  say('written')`

interface SaidStats {
  received: number
  adopted: number
  sent: number
  filtered: number
  waiting: { records: number }
  dropped: Record<string, number>
}

function announced(reason: string): number {
  return held.bench.arrivals.announced.reduce((sum, counts) => sum + (counts[reason] ?? 0), 0)
}

function conserved({ received, adopted, sent, filtered, waiting, dropped }: SaidStats): void {
  expect(received + adopted).toBe(sent + filtered + waiting.records + dropped['total']!)
}

/** Ends the outage and lets the app deliver all that it has. */
async function deliver(life: Life): Promise<SaidStats> {
  held.bench.receiver.setAnswer({})
  life.app.write('up\n')
  life.app.endInput()
  const [stats] = saidBy<SaidStats>(await life.app.done, 'stats')
  conserved(stats!)
  return stats!
}

const THEN_DELIVER = `await cue('up'); while (transport.stats().waiting.records > 0) await transport.flush(); sayStats(); process.exit(0)`

test.each(['oldest', 'newest'] as const)(
  'F20: with evict %s, an outage that logs ten times the quota uses no more disk than that and one file, and each loss is counted and announced',
  async (evict) => {
    const { bench } = held
    bench.receiver.setAnswer(DOWN)
    const use = watchUse(bench.directory)
    const journal = { ...JOURNAL, evict }
    const life = bench.start('otlpStream', { source: `${WRITE}; ${THEN_DELIVER}`, journal, keepInput: true })
    await life.app.stdoutLine('written')
    const { maxBytes, samples } = use()
    const { dropped, sent } = await deliver(life)
    const { delivered, disordered } = bench.arrivals.of(life.name)
    figure('F20', `evict ${evict}`, { maxKiB: Math.round(maxBytes / 1024), samples, lost: dropped['journal_full']! })
    expect(samples).toBeGreaterThan(20)
    expect(maxBytes).toBeGreaterThan(MIB / 2)
    expect(maxBytes).toBeLessThanOrEqual(MIB + SEGMENT)
    expect(dropped).toEqual({ total: LINES - delivered, journal_full: LINES - delivered })
    expect({ sent, disordered }).toEqual({ sent: delivered, disordered: 0 })
    expect(announced('journal_full')).toBe(LINES - delivered)
    expect(bench.arrivals.has(life.name, evict === 'oldest' ? LINES - 1 : 0)).toBe(true)
    expect(bench.arrivals.has(life.name, evict === 'oldest' ? 0 : LINES - 1)).toBe(false)
  },
)

test('F20: many processes that share a quota use no more disk than that and one file', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const use = watchUse(bench.directory)
  // What another process uses leaves room for one file more: each of the others begins one, and fills it.
  const full = (MIB - 2 * SEGMENT) / LINE_ON_DISK
  const first = bench.start('otlpStream', { source: logAndStay(full, BYTES), journal: JOURNAL })
  await first.app.stdoutLine('written')
  const source = `log(1, ${BYTES}); say('begun'); await cue('fill'); log(${SEGMENT / LINE_ON_DISK - 2}, ${BYTES}); say('filled'); ${STAY}`
  const others = Array.from({ length: SHARING }, () =>
    bench.start('otlpStream', { source, journal: JOURNAL, keepInput: true }),
  )
  await Promise.all(others.map(({ app }) => app.stdoutLine('begun')))
  for (const { app } of others) app.write('fill\n')
  await Promise.all(others.map(({ app }) => app.stdoutLine('filled')))
  const { maxBytes } = use()
  figure('F20', `${SHARING} processes`, { maxKiB: Math.round(maxBytes / 1024) })
  expect(maxBytes).toBeGreaterThan(MIB / 2)
  expect(maxBytes).toBeLessThanOrEqual(MIB + SEGMENT)
})

test('F20: what a dead process left counts for the quota, and goes first', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const left = await bench.dead('otlpStream', 1000, { bytes: BYTES, journal: JOURNAL })
  const use = watchUse(bench.directory)
  // Its start finds what is left; its lines come when that is adopted.
  const source = `while (transport.stats().adopted === 0) await new Promise((resolve) => setTimeout(resolve, 10)); ${WRITE}; ${THEN_DELIVER}`
  const life = bench.start('otlpStream', { source, journal: JOURNAL, keepInput: true })
  await life.app.stdoutLine('written')
  const { maxBytes } = use()
  const { dropped } = await deliver(life)
  expect(maxBytes).toBeLessThanOrEqual(MIB + SEGMENT)
  const lost = left.logged + LINES - bench.arrivals.delivered
  expect(bench.arrivals.of(left.name).delivered).toBeLessThan(1000)
  expect(dropped).toEqual({ total: lost, journal_full: lost })
})

test('F20: records older than maxAgeMillis are dropped as expired, those of a dead process, too, and each is counted', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const left = await bench.dead('otlpStream', 30)
  const source = `
    log(20)
    while (transport.stats().dropped.expired !== 50) await new Promise((resolve) => setTimeout(resolve, 20))
    say('expired')
    ${THEN_DELIVER}`
  const journal = { maxAgeMillis: 500 }
  const life = bench.start('otlpStream', {
    source,
    journal,
    keepInput: true,
    execArgv: ['--import', hasten(EXPIRY_MILLIS)],
  })
  await life.app.stdoutLine('expired')
  const { dropped } = await deliver(life)
  expect(dropped).toEqual({ total: 50, expired: 50 })
  expect(bench.arrivals.of(left.name).delivered + bench.arrivals.of(life.name).delivered).toBe(0)
})

test('F20: what is logged after older records have expired survives a kill', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const source = `
    log(20)
    while (transport.stats().dropped.expired !== 20) await new Promise((resolve) => setTimeout(resolve, 20))
    ${logAndStay(10)}`
  const life = bench.start('otlpStream', {
    source,
    journal: { maxAgeMillis: 500 },
    execArgv: ['--import', hasten(EXPIRY_MILLIS)],
  })
  await life.app.stdoutLine('written')
  await life.kill()
  bench.receiver.setAnswer({})
  await bench.drain()
  expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: 10 })
})
