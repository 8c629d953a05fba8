// A server that names a time (Retry-After): it is kept to, whether it is too little, too much or nonsense.

import { join } from 'node:path'
import { type Answer, type App, startApp, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { Bench, closing } from './bench.ts'

const MIB = 2 ** 20
const SECOND = 1000
/** The back-off before any jitter. */
const BACKOFF_MILLIS = [1000, 2000, 4000, 4000, 4000]
const LONGEST_MILLIS = 300 * SECOND * 1.2

const asking = (retryAfter: string, status = 503): Answer => ({ status, headers: { 'retry-after': retryAfter } })
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * SECOND).toUTCString()

/** What no server should send. */
const NONSENSE: [string, () => string][] = [
  ['0', () => '0'],
  ['-5', () => '-5'],
  ['-1', () => '-1'],
  ['soon', () => 'soon'],
  ['abc', () => 'abc'],
  ['no text', () => ''],
  ['a past date', () => inSeconds(-3600)],
  ['a date that is none', () => 'Mon, 99 Foo 2026 99:99:99 GMT'],
  ['1.5', () => '1.5'],
  ['NaN', () => 'NaN'],
  ['1 MiB of text', () => 'a'.repeat(MIB)],
]

describe.each([
  [429, 0],
  [429, 0.999_999],
  [503, 0],
  [503, 0.999_999],
])('HTTP %i, chance %d', (status, chance) => {
  test('F02, D4: Retry-After: 30 is a gap of 30 to 36 s, each time, and loses nothing', async () => {
    const bench = await Bench.start(asking('30', status))
    bench.clock.chance = chance
    bench.onAsked = () => void bench.emit(10)
    bench.emit(10)
    await bench.pass(3.5 * 36 * SECOND)
    expect(bench.gaps.length).toBeGreaterThanOrEqual(3)
    expect(Math.min(...bench.gaps)).toBeGreaterThanOrEqual(30 * SECOND)
    expect(Math.max(...bench.gaps)).toBeLessThanOrEqual(36 * SECOND)
    figure('F02', `${status}, chance ${chance}`, { gapMillis: Math.round(bench.gaps[0]!) })
    bench.answer({})
    bench.onAsked = () => {}
    const { askedAfterMillis, arrivedAfterMillis } = await bench.recover()
    expect(askedAfterMillis).toBeLessThanOrEqual(36 * SECOND)
    expect(arrivedAfterMillis - askedAfterMillis).toBeLessThanOrEqual(5 * SECOND)
    await bench.verdict()
  })

  test('D4: Retry-After: 2 is a gap of 2 s at least', async () => {
    const bench = await Bench.start([asking('2', status), {}])
    bench.clock.chance = chance
    bench.emit(10)
    await bench.drain()
    expect(bench.gaps[0]).toBeGreaterThanOrEqual(2 * SECOND)
    expect(bench.gaps[0]).toBeLessThanOrEqual(2.4 * SECOND)
    await bench.verdict()
  })
})

test.each(NONSENSE)('F03, D4: Retry-After of %s is a wait as without it, and loses nothing', async (name, value) => {
  for (const chance of [0, 0.999_999]) {
    const bench = await Bench.start(asking(value()))
    bench.clock.chance = chance
    bench.emit(10)
    await bench.run(() => bench.asked.length === 6)
    const gaps = bench.gaps.map(Math.round)
    for (const [i, backoff] of BACKOFF_MILLIS.entries()) {
      expect(gaps[i]).toBeGreaterThanOrEqual(0.5 * backoff)
      expect(gaps[i]).toBeLessThanOrEqual(backoff)
    }
    expect(gaps.slice(1).every((gap, i) => gap > gaps[i]! || gap === gaps.at(-1))).toBe(true)
    figure('F03', `${name}, chance ${chance}`, { gapsMillis: gaps.join(' ') })
    bench.answer({})
    const { arrivedAfterMillis } = await bench.recover()
    expect(arrivedAfterMillis).toBeLessThanOrEqual(5 * SECOND)
    await bench.verdict()
  }
})

test.each(['86400', '999999', '999999999'])(
  'F03, D4: Retry-After: %s is 300 s, and a fifth more at most',
  async (value) => {
    const gaps: number[] = []
    for (const chance of [0, 0.3, 0.6, 0.999_999]) {
      const bench = await Bench.start([asking(value), {}])
      bench.clock.chance = chance
      bench.emit(10)
      await bench.drain()
      gaps.push(Math.round(bench.gaps[0]!))
      await bench.verdict()
    }
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(300 * SECOND)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(LONGEST_MILLIS)
    expect(new Set(gaps).size).toBe(4)
    figure('F03', value, { gapsMillis: gaps.join(' ') })
  },
)

test('F03, D4: a date to come is waited for, a far one 300 s and a fifth at most', async () => {
  const bench = await Bench.start((_asked, index) => {
    return [asking(inSeconds(30)), asking(inSeconds(86_400)), {}][index] ?? {}
  })
  bench.clock.chance = 0.999_999
  bench.emit(10)
  await bench.drain()
  // A date has no milliseconds, and the request takes a moment.
  expect(bench.gaps[0]).toBeGreaterThan(28 * SECOND)
  expect(bench.gaps[0]).toBeLessThanOrEqual(36 * SECOND)
  expect(bench.gaps[1]).toBeGreaterThanOrEqual(300 * SECOND)
  expect(bench.gaps[1]).toBeLessThanOrEqual(LONGEST_MILLIS)
  await bench.verdict()
})

test('F03: the 1 MiB header is an answer that cannot be read, and the message says so', async () => {
  const bench = await Bench.start([asking('a'.repeat(MIB)), {}])
  bench.emit(10)
  await bench.drain()
  expect(bench.said('HPE_HEADER_OVERFLOW')).toHaveLength(1)
  expect(bench.said('HPE_HEADER_OVERFLOW')[0]).toContain('Header overflow')
  await bench.verdict()
})

test('F03: with real timers, none of these makes Node warn, and each is asked again in its time', async () => {
  const values: Record<string, string> = { long: '86400' }
  for (const [name, value] of NONSENSE) values[name] = value()
  const receiver = closing(
    await startReceiver({ answer: ({ headers }) => asking(values[String(headers['x-value'])] ?? '') }),
  )
  const source = `
    import { createPipeline, resolveOptions } from 'otlp-logs-core'
    process.on('warning', ({ name, message }) => console.log('warning', name, message))
    const pipelines = ${JSON.stringify(Object.keys(values))}.map((name) => {
      const { settings, warnings } = resolveOptions({
        endpoint: ${JSON.stringify(receiver.endpoint)},
        headers: { 'x-value': name },
        diagnostics: 'none',
        scheduledDelayMillis: 1,
      })
      const pipeline = createPipeline(settings, warnings, { package: { name: 'test' }, inProcess: false })
      pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, body: name, attributes: {} })
      return pipeline
    })
    process.stdin.resume().on('end', async () => {
      await Promise.all(pipelines.map((pipeline) => pipeline.shutdown(0)))
      console.log('done')
    })`
  const app = startNode(source)
  const times = (name: string): number[] =>
    receiver.requests.filter(({ headers }) => headers['x-value'] === name).map(({ at }) => at)
  await receiver.waitFor(() => NONSENSE.every(([name]) => times(name).length >= 3))
  app.endInput()
  expect(await app.done).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' })
  for (const [name] of NONSENSE) {
    const [first = 0, second = 0, third = 0] = times(name)
    // When a request arrives is not when it was sent.
    expect(second - first).toBeGreaterThan(450)
    expect(third - second).toBeGreaterThan(950)
  }
  expect(times('long')).toHaveLength(1)
})

function startNode(source: string): App {
  return startApp(source, { resolveFrom: join(__dirname, '../..'), keepInput: true })
}
