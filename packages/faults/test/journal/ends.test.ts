// How processes end, with a journal: while the collector is down or hangs, by their own will, by a signal or by an error.
// Nothing that was logged is lost: what was not delivered is delivered by the next process, with the resource of the first.

import { type AppResult, type LoggingMode, LOGGING_MODES, saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import type { Life } from '../../src/kill/life.ts'
import { IN_PROCESS, logAndStay, STAY, useBench } from './journal-bench.ts'

const held = useBench()
const LINES = 1000
const CLOSE_MILLIS = 1000
/** On top of what is promised, for a busy machine. */
const SLACK_MILLIS = 1000
const CODE = 3
/** That of the criterion, and the worker of the exit. */
const MAX_GROWTH_MIB = 32 + 32

/** Behind a worker, an end before that is ready is timed with its start. */
const READY: Record<LoggingMode, string> = {
  'pino target': `await new Promise((resolve) => logger[pino.symbols.streamSym].once('ready', resolve))`,
  otlpTransport: `await transport.flush()`,
  otlpStream: '',
  winston: '',
}

/** Keeps the app's workers at hand. */
const KNOWN_WORKERS = `data:text/javascript,${encodeURIComponent(
  `process.on('worker', (worker) => (globalThis.__workers ??= []).push(worker))`,
)}`

const ENDS = [
  ['process.exit', `process.exit(${CODE})`],
  ['a natural end', `process.exitCode = ${CODE}`],
] as const

interface Ended {
  mode: LoggingMode
  life: Life
  result: AppResult
  /** From what the app said as its 'end' to the exit of the process. */
  millis: number
}

/** Processes of these modes side by side: they mostly wait. */
function endAll(
  modes: readonly LoggingMode[],
  source: (mode: LoggingMode) => string,
  more: object = {},
): Promise<Ended[]> {
  const started = modes.map((mode) => ({
    mode,
    at: Date.now(),
    life: held.bench.start(mode, { source: source(mode), ...more }),
  }))
  return Promise.all(
    started.map(async ({ mode, at, life }) => {
      const result = await life.app.done
      return { mode, life, result, millis: Math.round(at + result.millis - saidBy<number>(result, 'end')[0]!) }
    }),
  )
}

/** What they left is delivered by another process, all of it once. */
async function expectAllOnTheNextStart(lives: readonly Life[]): Promise<void> {
  const { bench } = held
  await bench.drain()
  for (const { name, mode, logged } of lives) {
    const arrived = { mode, logged, ...bench.arrivals.of(name) }
    expect(arrived).toMatchObject({ logged: LINES, delivered: LINES, duplicates: 0, mismatches: 0, disordered: 0 })
  }
}

const END = `say('end', Date.now())`

test.each(ENDS)('F27: %s while the collector is down takes at most 2 s, and loses nothing', async (end, source) => {
  const { bench } = held
  await bench.receiver.close()
  const ended = await endAll(LOGGING_MODES, (mode) => `${READY[mode]}; log(${LINES}); ${END}; ${source}`)
  for (const { mode, result, millis } of ended) {
    figure('F27', `${mode}, a journal, ${end}, down`, { exitMillis: millis })
    expect(result.code).toBe(CODE)
    // Nothing is lost, so nothing is said to be.
    expect(result.stderr).not.toMatch(/lost|not delivered/)
    expect(millis).toBeLessThan(2000 + SLACK_MILLIS)
  }
  await bench.reopen()
  await expectAllOnTheNextStart(ended.map(({ life }) => life))
})

test.each(ENDS)(
  'F28: %s while the collector hangs takes no longer than closeTimeoutMillis, and loses nothing',
  async (end, source) => {
    const { bench } = held
    bench.receiver.setAnswer({ hang: true })
    const options = { closeTimeoutMillis: CLOSE_MILLIS }
    const ended = await endAll(LOGGING_MODES, (mode) => `${READY[mode]}; log(${LINES}); ${END}; ${source}`, { options })
    bench.receiver.setAnswer({})
    await expectAllOnTheNextStart(ended.map(({ life }) => life))
    for (const { mode, result, millis } of ended) {
      figure('F28', `${mode}, a journal, ${end}`, { exitMillis: millis })
      expect(result).toMatchObject({ code: CODE, stderr: '' })
    }
    const late = ended.filter(({ millis }) => millis > CLOSE_MILLIS + 500 + SLACK_MILLIS)
    expect(late.map(({ mode, millis }) => `${mode}: ${millis} ms`)).toEqual([])
  },
)

test('F27: process.exit after a long outage takes no more memory than it had, as what waits is on disk', async () => {
  const { bench } = held
  await bench.receiver.close()
  const source = `
    for (let i = 0; i < 100; i++) {
      log(2000, 200)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const before = process.resourceUsage().maxRSS
    // Behind our own listener, which is the first.
    process.on('exit', () => say('growthMiB', (process.resourceUsage().maxRSS - before) / 1024))
    ${END}
    process.exit(${CODE})`
  const options = { maxQueueBytes: 4 * 1024 * 1024 }
  const [ended] = await endAll(['otlpStream'], () => source, { options })
  const [growthMiB] = saidBy<number>(ended!.result, 'growthMiB')
  figure('F27', 'otlpStream, 60 MiB on disk, down', { exitMillis: ended!.millis, growthMiB: Math.round(growthMiB!) })
  expect(ended!.result.code).toBe(CODE)
  expect(ended!.millis).toBeLessThan(2000 + SLACK_MILLIS)
  expect(growthMiB).toBeLessThan(MAX_GROWTH_MIB)
  await bench.reopen()
})

test.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)(
  'F29: %s, to which nobody listens, loses nothing that was logged on the thread of the app',
  async (signal) => {
    const { bench } = held
    await bench.receiver.close()
    const lives = IN_PROCESS.map((mode) => bench.start(mode, { source: logAndStay(LINES) }))
    await Promise.all(lives.map(({ app }) => app.stdoutLine('written')))
    for (const { app } of lives) app.kill(signal)
    for (const { app } of lives) expect(await app.done).toMatchObject({ code: null, signal })
    await bench.reopen()
    await expectAllOnTheNextStart(lives)
  },
)

test.each([
  ['an uncaught exception', `setImmediate(() => { throw new Error('boom') }); ${STAY}`],
  ['an unhandled rejection', `void Promise.reject(new Error('boom')); ${STAY}`],
  ['process.abort()', `process.abort()`],
  ['out of memory', `let list; for (;;) list = { list, more: new Array(100).fill(0) }`],
])('F30: %s loses nothing that was logged on the thread of the app', async (_what, source) => {
  const { bench } = held
  await bench.receiver.close()
  const execArgv = ['--max-old-space-size=40']
  const ended = await endAll(IN_PROCESS, () => `log(${LINES}); ${END}; ${source}`, { execArgv })
  for (const { result } of ended) expect(result.code).not.toBe(0)
  await bench.reopen()
  await expectAllOnTheNextStart(ended.map(({ life }) => life))
})

test('F31: a worker that is terminated loses nothing that had reached it: the next worker delivers it', async () => {
  const { bench } = held
  bench.receiver.setAnswer({ status: 503 })
  const source = `
    log(${LINES})
    await transport.flush()
    await globalThis.__workers[0].terminate()
    say('terminated')
    await cue('up')
    // The next worker starts with a line, a second after the last one at the earliest.
    while (globalThis.__workers.length < 2) {
      log(1)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    for (let i = 0; i < 100 && transport.stats().sent < ${LINES}; i++) await new Promise((resolve) => setTimeout(resolve, 100))
    await transport.flush()
    sayStats()
    process.exit(0)`
  const life = bench.start('otlpTransport', {
    source,
    options: { scheduledDelayMillis: 10, maxExportBatchSize: 64 },
    execArgv: ['--import', KNOWN_WORKERS],
    keepInput: true,
  })
  await life.app.stdoutLine('terminated')
  bench.receiver.setAnswer({})
  life.app.write('up\n')
  life.app.endInput()
  const [stats] = saidBy<{ dropped: Record<string, number> }>(await life.app.done, 'stats')
  const { worker_died = 0 } = stats!.dropped
  figure('F31', 'otlpTransport, a journal', { workerDied: worker_died })
  // Lines that were logged when there was no worker.
  expect(stats!.dropped).toEqual({ total: worker_died, ...(worker_died > 0 && { worker_died }) })
  expect(bench.arrivals.missing(life.name, LINES)).toEqual([])
  expect(bench.arrivals.duplicates).toBe(0)
})

test('F31: of workers that die one after the other, each with what the last one left, every line is delivered or counted', async () => {
  const { bench } = held
  bench.receiver.setAnswer({ status: 503 })
  // The next worker starts with a line, a second after the last one at the earliest.
  const source = `
    const next = async (count) => {
      while (globalThis.__workers.length < count) {
        log(1)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      await transport.flush()
    }
    log(${LINES})
    await transport.flush()
    for (let i = 0; i < 2; i++) {
      await globalThis.__workers[i].terminate()
      await next(i + 2)
    }
    sayStats()
    process.exit(0)`
  const life = bench.start('otlpTransport', { source, execArgv: ['--import', KNOWN_WORKERS] })
  const [stats] = saidBy<{ received: number; dropped: { total: number } }>(await life.app.done, 'stats')
  bench.receiver.setAnswer({})
  await bench.drain()
  const { delivered } = bench.arrivals.of(life.name)
  expect(stats!.received).toBe(life.logged)
  expect(delivered + stats!.dropped.total).toBe(life.logged)
  expect(bench.arrivals.missing(life.name, LINES)).toEqual([])
})

test.each(
  LOGGING_MODES.flatMap(
    (mode) =>
      [
        [mode, 'a natural end', ''],
        [mode, 'process.exit', 'process.exit(0)'],
      ] as const,
  ),
)('F25: %s leaves nothing in the journal after %s when all was delivered', async (mode, _end, source) => {
  const { bench } = held
  // After its last line was delivered, and before.
  for (const flush of [mode === 'pino target' ? '' : 'await transport.flush()', '']) {
    const life = bench.start(mode, { source: `log(10); ${flush}; ${source}` })
    expect(await life.app.done).toMatchObject({ code: 0, stderr: '' })
    expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: 10 })
    expect(bench.files).toHaveLength(2)
  }
})
