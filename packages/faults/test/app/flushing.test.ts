// Flushes and an end while the app goes on logging: each promise waits for the lines before it, and for no others.

import { type Receiver, startReceiver, Tally, textOf } from '@otlp-logs/test-support'
import pino from 'pino'
import { otlpStream, otlpTransport, type Stats } from 'pino-otlp'
import winston from 'winston'
import { OtlpTransport } from 'winston-otlp'

interface Transport {
  log(seq: number): void
  flush(): Promise<{ complete: boolean }>
  close(): Promise<unknown>
  stats(): Stats
}

/** Each promise takes several requests. */
const OPTIONS = { maxExportBatchSize: 400, closeTimeoutMillis: 9000, diagnostics: 'none' } as const

const MAKE: Readonly<Record<string, (endpoint: string) => Transport>> = {
  otlpTransport: (endpoint) => ofPino(otlpTransport({ endpoint, ...OPTIONS })),
  otlpStream: (endpoint) => ofPino(otlpStream({ endpoint, ...OPTIONS })),
  winston(endpoint) {
    const transport = new OtlpTransport({ endpoint, ...OPTIONS })
    const logger = winston.createLogger({ transports: [transport] })
    return {
      log: (seq) => void logger.info('line', lineOf(seq)),
      flush: () => transport.flush(),
      close: () => new Promise((resolve) => transport.once('finish', resolve).end()),
      stats: () => transport.stats(),
    }
  },
}

function ofPino(transport: ReturnType<typeof otlpTransport> | ReturnType<typeof otlpStream>): Transport {
  const logger = pino({ base: null }, transport)
  return {
    log: (seq) => logger.info(lineOf(seq), 'line'),
    flush: () => transport.flush(),
    close: () => transport.close(),
    stats: () => transport.stats(),
  }
}

function lineOf(seq: number): { seq: number; text: string } {
  return { seq, text: textOf(seq, 60) }
}

let receiver: Receiver
let logging: NodeJS.Timeout

beforeEach(async () => {
  // Long enough for many lines to come while a request is under way.
  receiver = await startReceiver({ answer: { delayMillis: 50 } })
})

afterEach(async () => {
  clearInterval(logging)
  await receiver.close()
  expect(receiver.problems).toEqual([])
})

test.each(Object.keys(MAKE))(
  'F40: of two flushes and an end by %s while the app goes on logging, each waits for its own lines, and all are counted',
  async (mode) => {
    const transport = MAKE[mode]!(receiver.endpoint)
    let logged = 0
    const log = (count: number): void => {
      for (let i = 0; i < count; i++) transport.log(logged++)
    }
    logging = setInterval(() => log(5), 2)
    const early: [string, number[]][] = []
    const waits = async (name: string, promise: Promise<unknown>): Promise<void> => {
      const before = logged
      await promise
      const tally = new Tally()
      tally.add(receiver.records)
      const missing = tally.missing(before)
      if (missing.length > 0) early.push([name, missing])
    }
    for (let round = 0; round < 3; round++) {
      log(1000)
      const first = waits(`first flush, round ${round}`, transport.flush())
      await receiver.waitFor(({ openRequests }) => openRequests > 0)
      log(1000)
      await Promise.all([first, waits(`second flush, round ${round}`, transport.flush())])
    }
    log(1000)
    const flushes = [waits('flush', transport.flush()), waits('flush at once', transport.flush())]
    log(1000)
    await Promise.all([...flushes, waits('end', transport.close())])
    clearInterval(logging)

    expect(early).toEqual([])
    const { received, sent, dropped, waiting } = transport.stats()
    const tally = new Tally()
    tally.add(receiver.records)
    expect({ received, waiting: waiting.records }).toEqual({ received: logged, waiting: 0 })
    expect(dropped).toEqual({ total: logged - sent, ...(logged > sent && { shutdown: logged - sent }) })
    expect(tally.count).toMatchObject({ delivered: sent, duplicates: 0, mismatches: 0, disordered: 0 })
  },
)
