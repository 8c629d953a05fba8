// Answers that are too slow, too long, or explode when unpacked. What they say is worth little, and must cost little.

import { join } from 'node:path'
import { type Answer, runApp, startApp, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { Bench, closing } from './bench.ts'

const FOLDER = join(__dirname, '../..')
const MIB = 2 ** 20
const TIMEOUT_MILLIS = 500
/** Far longer than the deadline in all, and never idle for as long as that. */
const DRIPPING: Answer = { trickle: { bytesPerChunk: 1, intervalMillis: 50, totalBytes: 10_000 } }
/** What promises most for the least: 64 MiB in 64 KiB. */
const BOMB: Answer = { gzipBomb: { bytes: 64 * MIB } }
const LONG: Answer = { bodyBytes: 5 * MIB }

test.each([200, 503])(
  'F06: an answer of %i that drips ends with the total time of an attempt, and no socket is left',
  async (status) => {
    const bench = await Bench.start([{ ...DRIPPING, status }, {}], { timeoutMillis: TIMEOUT_MILLIS })
    const receiver = bench.receiver!
    const startedAt = performance.now()
    bench.emit(10)
    await bench.run(() => bench.asked.length === 1)
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
    const millis = performance.now() - startedAt
    expect(millis).toBeGreaterThanOrEqual(TIMEOUT_MILLIS * 0.9)
    expect(millis).toBeLessThan(3000)
    figure('F06', `dripping ${status}`, { timeoutMillis: TIMEOUT_MILLIS, attemptMillis: Math.round(millis) })
    await bench.drain()
    expect(bench.asked).toHaveLength(status === 200 ? 1 : 2)
    await bench.verdict()
  },
)

test.each<[string, Answer]>([
  ['of 5 MiB', LONG],
  ['that unpacks to 64 MiB', BOMB],
])(
  'F06: an answer %s with a 2xx status line counts as delivered, once, and others as what they are',
  async (_name, answer) => {
    const bench = await Bench.start([answer, { ...answer, status: 503 }, { ...answer, status: 400 }, {}])
    for (let i = 0; i < 3; i++) {
      bench.emit(10)
      await bench.drain()
    }
    expect(bench.asked.map(({ seqs }) => seqs[0])).toEqual([0, 10, 10, 20].slice(0, bench.asked.length))
    expect(bench.stats).toMatchObject({ sent: 20, dropped: { rejected: 10 }, retries: 1 })
  },
)

/** `create()` a pipeline, and `send(pipeline, count)`: a record, and its answer, so many times. */
const SENDING = (endpoint: string): string => `
  import { createPipeline, resolveOptions } from 'otlp-logs-core'
  function create() {
    const { settings, warnings } = resolveOptions({ endpoint: '${endpoint}', diagnostics: 'none' })
    return createPipeline(settings, warnings, { package: { name: 'test' }, inProcess: false })
  }
  async function send(pipeline, count) {
    for (let i = 0; i < count; i++) {
      pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, body: 'line', attributes: {} })
      await pipeline.forceFlush()
    }
  }`

/** An app of its own, since only a whole process has a resident size: ordinary answers first, then the bad ones. */
test.each<[string, Answer]>([
  ['of 5 MiB', LONG],
  ['of 4 MB, text in place of what it should be', { bodyBytes: 4_000_000 }],
  ['of 5 MiB in drops', { trickle: { bytesPerChunk: 100_000, intervalMillis: 1, totalBytes: 5 * MIB } }],
  ['of 10 MiB that unpack to 10 GiB', { gzipBomb: { bytes: 10 * 1024 * MIB } }],
  ['of 1 MiB that unpack to 1 GiB', { gzipBomb: { bytes: 1024 * MIB } }],
])('F06: answers %s cost at most 8 MiB of memory, and all sockets are free afterwards', async (name, answer) => {
  const receiver = closing(await startReceiver())
  const source = `
    ${SENDING(receiver.endpoint)}
    async function memory() {
      for (let i = 0; i < 3; i++) {
        gc()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return JSON.stringify([process.memoryUsage.rss() / 2 ** 20, process.resourceUsage().maxRSS / 1024])
    }
    const pipeline = create()
    await send(pipeline, 200)
    console.log(await memory())
    await new Promise((resolve) => process.stdin.once('data', resolve))
    await send(pipeline, 10)
    console.log(await memory())
    console.log('sent', pipeline.stats().sent)
    await pipeline.shutdown()
    process.stdin.destroy()`
  const app = startApp(source, { resolveFrom: FOLDER, execArgv: ['--expose-gc'], keepInput: true })
  await app.stdoutLine(/^\[/)
  receiver.setAnswer(answer)
  app.write('go\n')
  const { code, stderr, stdout } = await app.done
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('sent 210\n')
  expect(receiver.records).toHaveLength(210)
  await receiver.waitFor(({ openSockets }) => openSockets === 0)
  const [before, after] = stdout.split('\n', 2).map((line) => JSON.parse(line) as [number, number])
  const keptMiB = Math.round(after![0] - before![0])
  const peakMiB = Math.round(after![1] - before![1])
  figure('F06', name, { keptMiB, peakMiB })
  expect(keptMiB).toBeLessThanOrEqual(8)
  // What malloc takes meanwhile differs from run to run.
  expect(peakMiB).toBeLessThanOrEqual(16)
})

const LONG_WORD = 'a'.repeat(50_000)
test.each<[string, Answer]>([
  ['of 4 MB of text', { bodyBytes: 4_000_000 }],
  ['of 4 MB of text, with a 400', { bodyBytes: 4_000_000, status: 400 }],
  [
    'with a partial success whose message is one word of 50 kB',
    { partialSuccess: { rejected: 1, message: LONG_WORD } },
  ],
  ['with an error whose message is one word of 50 kB', { status: 400, body: JSON.stringify({ message: LONG_WORD }) }],
  ['of deep JSON', { headers: { 'content-type': 'application/json' }, body: '['.repeat(60_000) }],
  ['that unpacks to 64 MiB', BOMB],
])('F06: an answer %s makes no pause on the thread that reads it', async (name, answer) => {
  const receiver = closing(await startReceiver({ answer }))
  const source = `
    ${SENDING(receiver.endpoint)}
    import { monitorEventLoopDelay } from 'node:perf_hooks'
    const pauses = []
    for (let i = 0; i < 6; i++) {
      const monitor = monitorEventLoopDelay({ resolution: 1 })
      monitor.enable()
      await new Promise((resolve) => setTimeout(resolve, 20))
      monitor.reset()
      const pipeline = create()
      await send(pipeline, 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      monitor.disable()
      pauses.push(monitor.max / 1e6 - 1)
      await pipeline.shutdown()
    }
    console.log(JSON.stringify(pauses))`
  const { code, stderr, stdout } = await runApp(source, { resolveFrom: FOLDER })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  // The first loads code, and others may be the machine's: what is inherent is in all of them.
  const pauseMillis = Math.round(Math.min(...(JSON.parse(stdout) as number[])))
  figure('F06', `pause ${name}`, { pauseMillis })
  expect(pauseMillis).toBeLessThanOrEqual(20)
})
