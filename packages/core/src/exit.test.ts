// What a process does at its real end is tested where processes end: packages/pino-otlp/test/exits.test.ts.

import { type AddressInfo, createServer } from 'node:net'
import type * as Exit from './exit.ts'

let exit: typeof Exit

beforeEach(() => {
  // One set of listeners, and one count of rounds, for a process.
  jest.resetModules()
  exit = require('./exit.ts')
})

interface Fake extends Exit.Departing {
  flushes: number[]
  settled: number[][]
  ended: number
}

function fake(overrides: Partial<Exit.Departing> = {}): Fake {
  const pipeline: Fake = {
    closeTimeoutMillis: 300,
    flushes: [],
    settled: [],
    ended: 0,
    waiting: () => 1,
    flush: (timeoutMillis) => {
      pipeline.flushes.push(timeoutMillis)
      return Promise.resolve({ complete: true, waiting: 0 })
    },
    takeOver: () => ({ payloads: [], request: undefined }),
    settle: (sent, rejected) => void pipeline.settled.push([sent, rejected]),
    end: () => void pipeline.ended++,
    ...overrides,
  }
  return pipeline
}

const EVENTS = ['beforeExit', 'exit', 'SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection']
const listeners = (): number[] => EVENTS.map((event) => process.listenerCount(event))

describe('watchExit', () => {
  let unwatch: (() => void)[] = []
  const watch = (pipeline: Exit.Departing): void => void unwatch.push(exit.watchExit(pipeline))

  afterEach(() => {
    for (const one of unwatch) one()
    unwatch = []
  })

  it('listens once for all pipelines, to no signal and no exception, and takes it back with the last', () => {
    const before = listeners()
    watch(fake())
    const once = listeners()
    expect(once.map((count, i) => count - before[i]!)).toEqual([1, 1, 0, 0, 0, 0])
    watch(fake())
    expect(listeners()).toEqual(once)
    unwatch.pop()!()
    expect(listeners()).toEqual(once)
    unwatch.pop()!()
    expect(listeners()).toEqual(before)
  })

  it('flushes at a natural end what waits, within its closeTimeoutMillis, and nobody else', () => {
    const [waits, rests] = [fake(), fake({ waiting: () => 0 })]
    watch(waits)
    watch(rests)
    process.emit('beforeExit', 0)
    expect([waits.flushes, rests.flushes]).toEqual([[300], []])
  })

  it('flushes three times at most, for an app that logs at every natural end', async () => {
    const pipeline = fake()
    watch(pipeline)
    for (let i = 0; i < 10; i++) {
      process.emit('beforeExit', 0)
      await Promise.resolve()
    }
    expect(pipeline.flushes).toHaveLength(3)
  })

  it('waits only once for a pipeline that could not deliver in its time', async () => {
    const flush = jest.fn(() => Promise.resolve({ complete: false, waiting: 1 }))
    const pipeline = fake({ flush, closeTimeoutMillis: 9000 })
    watch(pipeline)
    process.emit('beforeExit', 0)
    await flush.mock.results[0]!.value
    process.emit('beforeExit', 0)
    expect(flush).toHaveBeenCalledTimes(1)
    const startedAt = performance.now()
    process.emit('exit', 0)
    expect(performance.now() - startedAt).toBeLessThan(5000)
    expect(pipeline.settled).toEqual([[0, 0]])
  })

  it('waits only once for a pipeline that has what it could not deliver safe on disk', async () => {
    const flush = jest.fn(() => Promise.resolve({ complete: true, waiting: 7 }))
    watch(fake({ flush, closeTimeoutMillis: 9000 }))
    process.emit('beforeExit', 0)
    await flush.mock.results[0]!.value
    process.emit('beforeExit', 0)
    expect(flush).toHaveBeenCalledTimes(1)
    const startedAt = performance.now()
    process.emit('exit', 0)
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  it("takes over only what waits at 'exit', and ends them all", () => {
    const takeOver = jest.fn()
    const pipeline = fake({ waiting: () => 0, takeOver })
    watch(pipeline)
    process.emit('exit', 0)
    expect(takeOver).not.toHaveBeenCalled()
    expect(pipeline.ended).toBe(1)
  })

  it("waits at 'exit' for a server that hangs until closeTimeoutMillis, and then counts nothing as sent", async () => {
    // While this thread waits, nobody answers the connections that the system takes.
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const payloads = [{ chunks: [Buffer.from('a'), Buffer.from('b')], bytes: 2, count: 5 }]
    const pipeline = fake({ takeOver: () => ({ payloads, request: { url, headers: {} } }) })
    watch(pipeline)
    const startedAt = performance.now()
    process.emit('exit', 0)
    expect(performance.now() - startedAt).toBeGreaterThan(290)
    expect(pipeline.settled).toEqual([[0, 0]])
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('closeOnSignals', () => {
  it('listens to SIGTERM and SIGINT, once for all, until the last is taken back', () => {
    const before = listeners()
    const close = (): Promise<void> => Promise.resolve()
    const [first, second] = [exit.closeOnSignals(close), exit.closeOnSignals(() => Promise.resolve())]
    expect(listeners().map((count, i) => count - before[i]!)).toEqual([0, 0, 1, 1, 0, 0])
    first()
    second()
    expect(listeners()).toEqual(before)
  })

  it('closes nothing where the app has a handler of its own', () => {
    const close = jest.fn(() => Promise.resolve())
    const unwatch = exit.closeOnSignals(close)
    const own = (): void => {}
    process.on('SIGTERM', own)
    process.emit('SIGTERM', 'SIGTERM')
    expect(close).not.toHaveBeenCalled()
    process.off('SIGTERM', own)
    unwatch()
  })
})
