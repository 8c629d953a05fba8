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

describe.each(PROTOCOLS)('by %s', (protocol) => {
  test('D2: without memory the Collector answers 503, and all arrives once it has some', async () => {
    // Less than any Collector needs.
    const memory_limiter = { check_interval: '10ms', limit_mib: 2, spike_limit_mib: 1 }
    await open(protocol, {}, { processors: { memory_limiter } })
    await collector.waitForLog('Refusing data')
    log(100)
    await until(({ retries }) => retries > 0)
    expect(said).toEqual([expect.stringMatching(/HTTP 503.*data refused due to high memory usage/)])
    await collector.stop()
    await collector.start({})
    await transport.flush()
    await collector.waitForRecords(100)
    expect(transport.stats()).toMatchObject({ sent: 100, dropped: { total: 0 } })
    expect(numbers()).toEqual(range(100))
  })

  test('O7, D3: a request above max_request_body_size is parted, and only a record above it is lost, by name', async () => {
    const KIB = 1024
    await open(protocol, {}, { http: { max_request_body_size: 64 * KIB } })
    log(50, 10 * KIB)
    log(1, 100 * KIB)
    log(50, 10 * KIB)
    await transport.flush()
    await collector.waitForRecords(100)
    expect(transport.stats()).toMatchObject({ sent: 100, dropped: { total: 1, record_too_large: 1 }, retries: 0 })
    expect(numbers()).toEqual(range(101).filter((number) => number !== 50))
    expect(said.join('\n')).toMatch(/record_too_large|too large/)
  })

  test('D3: a wrong path is final, and told with the right one', async () => {
    await open(protocol)
    await reopen(protocol, { endpoint: undefined, url: `${collector.endpoint}/otlp/v1/logs` })
    log(10)
    await transport.flush()
    expect(transport.stats()).toMatchObject({ sent: 0, dropped: { total: 10, rejected: 10 }, requests: 1 })
    expect(said).toContainEqual(expect.stringMatching(/HTTP 404.*is the path right\?/))
  })

  test("D5: the Collector's gRPC port is told as such, and what waits arrives once HTTP is spoken there", async () => {
    await open(protocol)
    await reopen(protocol, { endpoint: `http://127.0.0.1:${collector.grpcPort}` })
    log(10)
    await until(({ retries }) => retries > 0)
    expect(said).toEqual([
      expect.stringMatching(/this port does not speak HTTP\/1\.1: OTLP\/HTTP usually has port 4318/),
    ])
    await collector.stop()
    ;[collector.httpPort, collector.grpcPort] = [collector.grpcPort, collector.httpPort]
    await collector.start()
    await transport.flush()
    await collector.waitForRecords(10)
    expect(numbers()).toEqual(range(10))
  })
})

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
