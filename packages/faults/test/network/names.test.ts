// A name that cannot be resolved, or not for a while, and a port where nobody listens yet: all of it may pass.

import dns from 'node:dns'
import { startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { Bench } from './bench.ts'

const RECORDS = 50
const MINUTE = 60_000
/** Noticeable would be 50 ms; a busy machine takes longer for anything. */
const LONG_MILLIS = 500

const NAME = 'collector.test'
type Callback = (error: NodeJS.ErrnoException | null, address?: unknown, family?: number) => void

/** Resolves NAME as told: `answers` in order, of which the last repeats. All other names as ever. */
class Resolver {
  asked = 0
  readonly #answers: readonly string[]
  readonly #system = dns.lookup

  constructor(...answers: ('ENOTFOUND' | 'EAI_AGAIN' | '127.0.0.1')[]) {
    this.#answers = answers
    jest.spyOn(dns, 'lookup').mockImplementation(this.#lookup as unknown as typeof dns.lookup)
  }

  #lookup = (name: string, options: { all?: boolean }, callback: Callback): void => {
    if (name !== NAME) return void this.#system(name, options, callback as never)
    const answer = this.#answers[Math.min(this.asked++, this.#answers.length - 1)]!
    setImmediate(() => {
      if (answer !== '127.0.0.1') {
        callback(Object.assign(new Error(`getaddrinfo ${answer} ${name}`), { code: answer, syscall: 'getaddrinfo' }))
      } else if (options.all) callback(null, [{ address: answer, family: 4 }])
      else callback(null, answer, 4)
    })
  }
}

afterEach(() => void jest.restoreAllMocks())

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const receiver = await startReceiver()
  await receiver.close()
  return receiver.port
}

test.each(['ENOTFOUND', 'EAI_AGAIN'] as const)(
  'F12: a resolver that says %s for a while loses nothing, and is asked again at each attempt',
  async (code) => {
    const resolver = new Resolver(code, code, code, code, code, '127.0.0.1')
    const port = await freePort()
    const bench = new Bench({ endpoint: `http://${NAME}:${port}` })
    await bench.listen({ port })
    bench.emit(RECORDS)
    await bench.run(() => bench.stats.retries === 5)
    expect(resolver.asked).toBe(5)
    const { arrivedAfterMillis } = await bench.recover()
    expect(arrivedAfterMillis).toBeLessThanOrEqual(5000)
    // The connection stays: nobody needs to be asked.
    for (let i = 0; i < 3; i++) {
      bench.emit(RECORDS)
      await bench.drain()
    }
    expect(resolver.asked).toBe(6)
    expect(bench.said(code)).toEqual([
      expect.stringMatching(new RegExp(`collector\\.test:${port}/v1/logs: .*${code} .*host name`)),
    ])
    await bench.verdict()
  },
)

test('F12: a connection that ended is made anew from the name, which may have moved', async () => {
  const resolver = new Resolver('127.0.0.1', 'ENOTFOUND', '127.0.0.1')
  const port = await freePort()
  const bench = new Bench({ endpoint: `http://${NAME}:${port}` })
  const first = await bench.listen({ port })
  bench.emit(RECORDS)
  await bench.drain()
  await first.close()
  await bench.listen({ port })
  bench.emit(RECORDS)
  await bench.drain()
  expect(resolver.asked).toBe(3)
  await bench.verdict()
})

test('F12: a name that cannot exist costs no time at the start, keeps what is logged, and says so', async () => {
  const bench = new Bench({ endpoint: 'http://collector.invalid:4318', timeoutMillis: 2000 })
  expect(bench.creationMillis).toBeLessThan(LONG_MILLIS)
  const startedAt = performance.now()
  bench.emit(RECORDS)
  expect(performance.now() - startedAt).toBeLessThan(LONG_MILLIS)
  await bench.run(() => bench.stats.retries === 2)
  expect(bench.stats).toMatchObject({ waiting: { records: RECORDS }, dropped: { total: 0 } })
  // A machine without a network may not even get an answer.
  expect(bench.reports.map(({ kind }) => kind)).toEqual([expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN|timeout)$/)])
  figure('F12', 'creation', { millis: Math.round(bench.creationMillis * 10) / 10 })
  await bench.pipeline.shutdown(0)
  await bench.verdict({ lost: { shutdown: RECORDS } })
})

test('F12: nobody at the port at the start, and for ten minutes: everything arrives when the collector is there', async () => {
  const port = await freePort()
  const bench = new Bench({ endpoint: `http://127.0.0.1:${port}` })
  expect(bench.creationMillis).toBeLessThan(LONG_MILLIS)
  for (let minute = 0; minute < 10; minute++) {
    bench.emit(RECORDS)
    await bench.pass(MINUTE)
  }
  const attempts = bench.stats.requests
  // One every 2 to 4 s after the first few: none in a hot loop.
  expect(attempts).toBeGreaterThanOrEqual(150)
  expect(attempts).toBeLessThanOrEqual(310)
  await bench.listen({ port })
  const { askedAfterMillis, arrivedAfterMillis } = await bench.recover()
  expect(askedAfterMillis).toBeLessThanOrEqual(5000)
  expect(arrivedAfterMillis - askedAfterMillis).toBeLessThanOrEqual(5000)
  expect(bench.said('ECONNREFUSED')).toEqual([
    expect.stringMatching(/ECONNREFUSED 127\.0\.0\.1:\d+ .*is the collector running/),
    expect.stringMatching(/more like this/),
  ])
  figure('F12', 'nobody for 10 minutes', { attempts, askedAfterMillis, arrivedAfterMillis })
  await bench.verdict()
})
