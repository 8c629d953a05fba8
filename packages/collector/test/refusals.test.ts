// What the Collector refuses, with its own answers: too little memory, requests that are too large, a wrong path, a wrong
// port. What may pass is waited out, what may not is told with what to do.

import { type Collector, type CollectorOptions, startCollector } from '@otlp-logs/test-support'
import winston from 'winston'
import { OtlpTransport, type OtlpTransportOptions, type Stats } from 'winston-otlp'
import { type Protocol, PROTOCOLS, target } from './ways.ts'

let collector: Collector
let logger: winston.Logger | undefined
let transport: OtlpTransport
/** What the transport said about itself. */
let said: string[]

afterEach(async () => {
  logger?.close()
  await collector.close()
  expect(collector.problems).toEqual([])
})

/** The answer that means "not now". */
const UNAVAILABLE = { 'http/protobuf': 'HTTP 503', 'http/json': 'HTTP 503', grpc: 'gRPC UNAVAILABLE' }

describe.each(PROTOCOLS)('by %s', (protocol) => {
  test('D2, D8: without memory the Collector says "not now", and all arrives once it has some', async () => {
    // Less than any Collector needs.
    const memory_limiter = { check_interval: '10ms', limit_mib: 2, spike_limit_mib: 1 }
    await open(protocol, {}, { processors: { memory_limiter } })
    await collector.waitForLog('Refusing data')
    log(100)
    await until(({ retries }) => retries > 0)
    expect(said).toEqual([expect.stringContaining('data refused due to high memory usage')])
    expect(said[0]).toContain(UNAVAILABLE[protocol])
    await collector.stop()
    await collector.start({})
    await transport.flush()
    await collector.waitForRecords(100)
    expect(transport.stats()).toMatchObject({ sent: 100, dropped: { total: 0 } })
    expect(numbers()).toEqual(range(100))
  })

  test('O7, D3: a request above the size limit is parted, and only a record above it is lost, by name', async () => {
    const KIB = 1024
    const limits = { http: { max_request_body_size: 1024 * KIB }, grpc: { max_recv_msg_size_mib: 1 } }
    await open(protocol, { maxRecordBytes: 4096 * KIB, maxExportBatchBytes: 4096 * KIB }, limits)
    log(20, 100 * KIB)
    log(1, 1500 * KIB)
    log(20, 100 * KIB)
    await transport.flush()
    await collector.waitForRecords(40)
    expect(transport.stats()).toMatchObject({ sent: 40, dropped: { total: 1, record_too_large: 1 }, retries: 0 })
    expect(numbers()).toEqual(range(41).filter((number) => number !== 20))
    expect(said).toContainEqual(expect.stringMatching(/1 log record dropped \(record_too_large/))
  })

  test('D5: a port for the other protocol is told as such, and what waits arrives once the right one is there', async () => {
    await open(protocol)
    const port = protocol === 'grpc' ? collector.httpPort : collector.grpcPort
    await reopen(protocol, { endpoint: `http://127.0.0.1:${port}` })
    log(10)
    await until(({ retries }) => retries > 0)
    const other =
      protocol === 'grpc'
        ? /does not speak HTTP\/2: gRPC usually has port 4317/
        : /does not speak HTTP\/1\.1: OTLP\/HTTP usually has port 4318/
    expect(said).toEqual([expect.stringMatching(other)])
    await collector.stop()
    ;[collector.httpPort, collector.grpcPort] = [collector.grpcPort, collector.httpPort]
    await collector.start()
    await transport.flush()
    await collector.waitForRecords(10)
    expect(numbers()).toEqual(range(10))
  })
})

test.each(PROTOCOLS.filter((protocol) => protocol !== 'grpc'))(
  'D3: by %s: a wrong path is final, and told with the right one',
  async (protocol) => {
    await open(protocol)
    await reopen(protocol, { endpoint: undefined, url: `${collector.endpoint}/otlp/v1/logs` })
    log(10)
    await transport.flush()
    expect(transport.stats()).toMatchObject({ sent: 0, dropped: { total: 10, rejected: 10 }, requests: 1 })
    expect(said).toContainEqual(expect.stringMatching(/HTTP 404.*is the path right\?/))
  },
)

/** A Collector, and real winston with a transport to it. */
async function open(
  protocol: Protocol,
  options?: OtlpTransportOptions,
  collectorOptions?: CollectorOptions,
): Promise<void> {
  collector = await startCollector(collectorOptions)
  await reopen(protocol, options)
}

async function reopen(protocol: Protocol, options: OtlpTransportOptions = {}): Promise<void> {
  logger?.close()
  said = []
  const onReport = ({ message }: { message: string }): void => void said.push(message)
  transport = new OtlpTransport({ ...target(collector, protocol), diagnostics: 'none', onReport, ...options })
  logger = winston.createLogger({ transports: [transport] })
  next = 0
}

let next = 0

function log(count: number, bytes = 10): void {
  for (let i = 0; i < count; i++) logger?.info('line', { number: next++, text: 'x'.repeat(bytes) })
}

/** Resolves when the transport's counts say so. */
async function until(holds: (stats: Stats) => boolean): Promise<void> {
  while (!holds(transport.stats())) await new Promise((resolve) => setTimeout(resolve, 5))
}

function numbers(): unknown[] {
  return collector.records.filter(({ eventName }) => eventName === '').map(({ attributes }) => attributes['number'])
}

function range(end: number): number[] {
  return Array.from({ length: end }, (_, i) => i)
}
