// B6, B7 and B11: flush, the end of a logger, and a server that is not there (logs/sdk.md, error-handling.md).

import type { Answer } from '@otlp-logs/test-support'
import { createLogger, ended, type Logger, Shipyard } from '../ship.ts'

const yard = new Shipyard()
const HOUR = 3_600_000

function logMany(logger: Logger, count: number, first = 0): void {
  for (let i = first; i < first + count; i++) logger.info('line', { i })
}

function finished(logger: Logger): Promise<void> {
  return new Promise((resolve) => logger.once('finish', resolve))
}

describe('OtlpTransport', () => {
  it('B6: the end of a logger right after a flush that nobody awaits delivers all 2000 entries before it has finished', async () => {
    const transport = yard.open({ scheduledDelayMillis: HOUR, closeTimeoutMillis: 9000 })
    const logger = createLogger({ transports: [transport] })
    const records = await yard.arrived(() => {
      logMany(logger, 2000)
      void transport.flush()
      logger.end()
      return finished(logger)
    })
    expect(records.map(({ attributes }) => attributes['i'])).toEqual(Array.from({ length: 2000 }, (_, i) => i))
  })

  it('B6: after its end, entries of another logger are quietly counted as dropped, and a second end is the first', async () => {
    const transport = yard.open()
    const [logger, other] = [createLogger({ transports: [transport] }), createLogger({})]
    logMany(logger, 3)
    logger.end()
    await finished(logger)
    other.add(transport)
    logMany(other, 2)
    await ended(transport)
    expect(transport.stats()).toMatchObject({ received: 5, sent: 3, dropped: { total: 2, shutdown: 2 } })
  })

  it('B6: the end against a server that hangs comes by closeTimeoutMillis, and what is left is counted', async () => {
    yard.receiver.setAnswer({ hang: true })
    const transport = yard.open({ closeTimeoutMillis: 300 })
    const logger = createLogger({ transports: [transport] })
    logMany(logger, 4)
    const startedAt = performance.now()
    logger.end()
    await finished(logger)
    expect(performance.now() - startedAt).toBeGreaterThan(290)
    expect(performance.now() - startedAt).toBeLessThan(5000)
    expect(transport.stats()).toMatchObject({ sent: 0, dropped: { total: 4, shutdown: 4 }, waiting: { records: 0 } })
  })

  it('B7: flushes at once, entries during them and an end lose nothing, and each promise keeps its own', async () => {
    const transport = yard.open({ scheduledDelayMillis: HOUR, closeTimeoutMillis: 9000 })
    const logger = createLogger({ transports: [transport] })
    const before = yard.receiver.records.length
    const arrived: number[] = []
    const settled: Promise<unknown>[] = []
    for (let i = 0; i < 10; i++) {
      logMany(logger, 100, i * 100)
      settled.push(transport.flush().then(() => (arrived[i] = yard.receiver.records.length - before)))
    }
    logger.end()
    await Promise.all([...settled, finished(logger)])
    for (const [i, count] of arrived.entries()) expect(count).toBeGreaterThanOrEqual((i + 1) * 100)
    const numbers = yard.receiver.records.slice(before).map(({ attributes }) => attributes['i'])
    expect(numbers).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  })

  it.each<[string, Answer | undefined]>([
    ['nobody is there', undefined],
    ['the server refuses everything', { status: 400 }],
    ['the server hangs', { hang: true }],
    ['the connection is reset', { reset: 'before-answer' }],
  ])('B11: when %s, no exception, no rejection and no error event reaches the app', async (_what, answer) => {
    const events: unknown[] = []
    const hear = (...event: unknown[]): void => void events.push(event)
    if (answer !== undefined) yard.receiver.setAnswer(answer)
    const transport = yard.open({
      closeTimeoutMillis: 100,
      ...(answer === undefined ? { endpoint: 'http://127.0.0.1:1' } : {}),
    })
    const logger = createLogger({ transports: [transport] })
    for (const emitter of [transport, logger]) for (const name of ['error', 'warn']) emitter.on(name, hear)
    process.on('unhandledRejection', hear)
    logMany(logger, 10)
    logger.end()
    await finished(logger)
    await new Promise(setImmediate)
    process.off('unhandledRejection', hear)
    expect(events).toEqual([])
    expect(transport.stats()).toMatchObject({ received: 10, sent: 0, dropped: { total: 10 } })
  })

  it.each<[object, RegExp]>([
    [{ endpoint: 'localhost:4318' }, /endpoint/],
    [{ compression: 'brotli' }, /compression.*brotli/],
    [{ maxQueueBytes: -1 }, /maxQueueBytes.*-1/],
  ])('B11: a wrong option %j fails at once, and says what is expected', (options, message) => {
    expect(() => yard.open(options)).toThrow(TypeError)
    expect(() => yard.open(options)).toThrow(message)
  })
})
