// A disk that answers with errors, and when data is brought to the device. Nothing is lost by an error that passes: what
// could not be written waits in memory, and what could not be read is read again.

import { saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { COUNT_SYNCS, failing, type Failure } from './failing-disk.ts'
import { hasten, REPAIR_MILLIS } from './haste.ts'
import { DOWN, STAY, useBench } from './journal-bench.ts'

const held = useBench()
/** Waits until what came while nothing could be written is written. */
const REPAIRED = `
  log(50)
  const before = transport.stats().journal.bytes
  while (transport.stats().journal.bytes === before) await new Promise((resolve) => setTimeout(resolve, 50))
  say('repaired', globalThis.failed)`

test.each<[string, Failure]>([
  ['a write fails', { call: 'append', code: 'EIO', from: 20, count: 1 }],
  ['a segment cannot be begun', { call: 'openSync', code: 'EIO', from: 2, count: 1 }],
  ['no more files may be open', { call: 'openSync', code: 'EMFILE', from: 2, count: 1 }],
])('F15: when %s, all lines are on disk some seconds later, and survive a kill', async (_what, failure) => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const life = bench.start('otlpStream', {
    source: `for (let i = 0; i < 50; i++) log(1); ${REPAIRED}; ${STAY}`,
    journal: { segmentBytes: 4096 },
    execArgv: ['--import', failing(failure), '--import', hasten(REPAIR_MILLIS)],
  })
  expect(await life.app.stdoutLine('repaired')).toBe('repaired 1')
  await life.kill()
  expect((await life.app.done).stderr.match(/the journal in .* cannot be used/g)).toHaveLength(1)
  bench.receiver.setAnswer({})
  await bench.drain()
  expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: 100, duplicates: 0, mismatches: 0, disordered: 0 })
})

test('F15: when data cannot be brought to the device, it is written anew, and survives a kill', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const life = bench.start('otlpStream', {
    source: `log(50); await transport.flush(); log(50); say('failed', globalThis.failed); ${STAY}`,
    execArgv: ['--import', failing({ call: 'fdatasync', code: 'EIO', from: 1, count: 1 })],
  })
  expect(await life.app.stdoutLine('failed')).toBe('failed 1')
  await life.kill()
  bench.receiver.setAnswer({})
  await bench.drain()
  expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: 100, duplicates: 0, mismatches: 0, disordered: 0 })
})

test.each<[string, Failure]>([
  ['because no more files may be open', { call: 'openSync', code: 'EMFILE', from: 1, count: 3, reading: true }],
  ['because the disk fails', { call: 'readSync', code: 'EIO', from: 1, count: 3 }],
])(
  'F15: what a dead process left and cannot be read for a moment, %s, is neither removed nor lost',
  async (_why, failure) => {
    const { bench } = held
    bench.receiver.setAnswer(DOWN)
    const left = await bench.dead('otlpStream', 50)
    bench.receiver.setAnswer({})
    const source = `await new Promise((resolve) => setTimeout(resolve, 300)); log(1); await transport.flush(); say('failed', globalThis.failed); sayStats(); process.exit(0)`
    const first = bench.start('otlpStream', { source, execArgv: ['--import', failing(failure)] })
    const result = await first.app.done
    const [stats] = saidBy<{ dropped: { total: number } }>(result, 'stats')
    expect(saidBy<number>(result, 'failed')[0]).toBeGreaterThan(0)
    await bench.drain()
    const { delivered } = bench.arrivals.of(left.name)
    expect({ delivered, dropped: stats!.dropped.total }).toEqual({ delivered: 50, dropped: 0 })
  },
)

test('F15: what a process has adopted stays on disk when it closes and cannot write itself', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const left = await bench.dead('otlpStream', 50)
  bench.receiver.setAnswer({ hang: true })
  const source = `
    while (transport.stats().adopted < 50) await new Promise((resolve) => setTimeout(resolve, 10))
    log(1)
    await cue('close')
    await transport.close()
    sayStats()`
  const adopter = bench.start('otlpStream', {
    source,
    options: { closeTimeoutMillis: 300, scheduledDelayMillis: 1 },
    execArgv: ['--import', failing({ call: 'openSync', code: 'EIO', from: 1, count: 1_000_000 })],
    keepInput: true,
  })
  await bench.receiver.waitFor(({ openRequests }) => openRequests > 0)
  adopter.app.write('close\n')
  adopter.app.endInput()
  const [stats] = saidBy<{ dropped: object }>(await adopter.app.done, 'stats')
  // Its own line is.
  expect(stats!.dropped).toEqual({ total: 1, shutdown: 1 })
  bench.receiver.setAnswer({})
  await bench.drain()
  expect(bench.arrivals.of(left.name)).toMatchObject({ delivered: 50, duplicates: 0 })
})

test('F15, F31: what a worker has in memory only, while its disk takes nothing, is counted as lost when it dies; the next one delivers the rest', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const life = bench.start('otlpTransport', {
    source: `
      const workers = []
      process.on('worker', (worker) => workers.push(worker))
      const alive = setInterval(() => {}, 1000)
      log(1)
      await transport.flush()
      log(100, 500)
      say('isSafe', (await transport.flush()).complete)
      await workers[0].terminate()
      say('died')
      await cue('well')
      while (workers.length < 2) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        log(1)
      }
      while (transport.stats().waiting.records > 0) await transport.flush()
      sayStats()
      await transport.close()
      clearInterval(alive)`,
    options: { exportTimeoutMillis: 500 },
    journal: { segmentBytes: 4096 },
    // Not as an argument, which workers of pino do not get.
    env: { NODE_OPTIONS: `--import=${failing({ call: 'openSync', code: 'EIO', from: 2, count: 1_000_000 })}` },
    keepInput: true,
  })
  await life.app.stdoutLine('died')
  bench.receiver.setAnswer({})
  life.app.write('well\n')
  life.app.endInput()
  const result = await life.app.done
  expect(saidBy(result, 'isSafe')).toEqual([false])
  const [stats] = saidBy<{ dropped: { total: number; worker_died: number } }>(result, 'stats')
  const { total, worker_died } = stats!.dropped
  expect(worker_died).toBeGreaterThan(0)
  await bench.drain()
  const { delivered, duplicates } = bench.arrivals.of(life.name)
  expect({ total, delivered, duplicates }).toEqual({
    total: worker_died,
    delivered: life.logged - total,
    duplicates: 0,
  })
  expect(bench.arrivals.has(life.name, 0)).toBe(true)
})

test.each([
  ['interval', 0],
  ['none', 0],
] as const)(
  'F19: with fsync %s nothing is brought to the device while the collector is healthy',
  async (fsync, expected) => {
    const { bench } = held
    const life = bench.start('otlpStream', {
      source: `
      await pace(500, 1500)
      while (transport.stats().waiting.records > 0) await new Promise((resolve) => setTimeout(resolve, 10))
      say('syncs', globalThis.syncs)
      process.exit(0)`,
      options: { scheduledDelayMillis: 50 },
      journal: { fsync, segmentBytes: 16 * 1024 },
      execArgv: ['--import', COUNT_SYNCS],
    })
    const [syncs] = saidBy<number>(await life.app.done, 'syncs')
    figure('F19', `fsync ${fsync}, healthy`, { syncs: syncs! })
    expect(syncs).toBe(expected)
    expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: life.logged, duplicates: 0 })
  },
)

test.each([
  ['interval', 1],
  ['batch', 1],
  ['none', 0],
] as const)(
  'F19: with fsync %s a flush while the collector is down has brought to the device what it should',
  async (fsync, expected) => {
    const { bench } = held
    await bench.receiver.close()
    const life = bench.start('otlpStream', {
      source: `log(50); await transport.flush(); say('syncs', globalThis.syncs); process.exit(0)`,
      journal: { fsync },
      execArgv: ['--import', COUNT_SYNCS],
    })
    const [syncs] = saidBy<number>(await life.app.done, 'syncs')
    expect(Math.min(1, syncs!)).toBe(expected)
    await bench.reopen()
  },
)

test('F19: with fsync interval what is undelivered is brought to the device within half a second after it should have been delivered', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const life = bench.start('otlpStream', {
    source: `
      log(50)
      const startedAt = performance.now()
      while (globalThis.syncs === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      say('syncedMillis', performance.now() - startedAt)
      process.exit(0)`,
    options: { scheduledDelayMillis: 200 },
    execArgv: ['--import', COUNT_SYNCS],
  })
  const [syncedMillis] = saidBy<number>(await life.app.done, 'syncedMillis')
  figure('F19', 'fsync interval, down', { syncedMillis: Math.round(syncedMillis!) })
  expect(syncedMillis).toBeGreaterThan(400)
  expect(syncedMillis).toBeLessThan(2000)
})
