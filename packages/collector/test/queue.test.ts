// What becomes of records when the Collector's own queue is full: without a batch processor it refuses, and they wait with
// us; with one it has answered for them already. That is why docs/collector.md has none.

import {
  type Collector,
  type CollectorOptions,
  type Receiver,
  startCollector,
  startReceiver,
} from '@otlp-logs/test-support'
import winston from 'winston'
import { OtlpTransport } from 'winston-otlp'
import { type Protocol, PROTOCOLS, target } from './ways.ts'

let backend: Receiver
let collector: Collector
let transport: OtlpTransport
let logger: winston.Logger
let said: string[]
let logged: number

beforeEach(async () => {
  backend = await startReceiver({ answer: { status: 503 } })
})

afterEach(async () => {
  logger.close()
  await collector.close()
  await backend.close()
  expect(backend.problems).toEqual([])
})

test.each(PROTOCOLS)(
  'D2, D8: by %s: a full queue says "not now", and all arrives once there is room',
  async (protocol) => {
    await open(protocol)
    // One is under way, one in the queue, the next one finds no room.
    while (transport.stats().retries === 0) await logOne()
    expect(said).toEqual([expect.stringMatching(/(HTTP 503|gRPC UNAVAILABLE).*sending queue is full/)])
    backend.setAnswer({})
    await transport.flush()
    await backend.waitForRecords(logged)
    expect(transport.stats()).toMatchObject({ sent: logged, dropped: { total: 0 } })
  },
)

test('behind a batch processor, the Collector loses what its full queue refuses', async () => {
  await open('http/protobuf', { batch: { send_batch_size: 1, timeout: '1ms' } })
  while (!collector.log.includes('sending queue is full')) await logOne()
  expect(transport.stats()).toMatchObject({ sent: logged, retries: 0, dropped: { total: 0 } })
  backend.setAnswer({})
  await collector.stop()
  expect(backend.records.length).toBeLessThan(logged)
})

/** A Collector with a queue of one request, and real winston with a transport to it. */
async function open(protocol: Protocol, processors: CollectorOptions['processors'] = {}): Promise<void> {
  const retry_on_failure = { initial_interval: '50ms', max_interval: '100ms' }
  const sending_queue = { queue_size: 1, num_consumers: 1 }
  collector = await startCollector({
    processors,
    exporters: { otlp_http: { endpoint: backend.endpoint, retry_on_failure, sending_queue } },
  })
  said = []
  logged = 0
  transport = new OtlpTransport({
    ...target(collector, protocol),
    scheduledDelayMillis: 0,
    diagnostics: 'none',
    onReport: ({ kind, message }) => kind !== 'connected' && said.push(message),
  })
  logger = winston.createLogger({ transports: [transport] })
}

/** Logs a line, and waits for the answer to it. */
async function logOne(): Promise<void> {
  const { requests } = transport.stats()
  logger.info('line', { number: logged++ })
  while (transport.stats().requests === requests) await new Promise((resolve) => setTimeout(resolve, 5))
}
