// What is said about trouble with an endpoint: what happened, where, and what to do about it, for the mistakes that people
// make. That certificates are named too is judged in tls.test.ts, and that secrets are masked with F10 and F40.

import dns from 'node:dns'
import { Agent } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { type AddressInfo, connect, type NetConnectOpts } from 'node:net'
import { type Answer, startReceiver } from '@otlp-logs/test-support'
import type { OtlpOptions } from 'otlp-logs-core'
import { Bench, closing } from './bench.ts'

afterEach(() => void jest.restoreAllMocks())

/** The first message about trouble, after one record. */
async function complaintOf(options: OtlpOptions): Promise<string> {
  const bench = new Bench(options)
  bench.emit(1)
  await bench.run(() => bench.reports.some(({ level }) => level === 'warn'))
  return bench.reports[0]!.message
}

/** What to do: an option, a variable, a port, a path, or at least a question. */
const ADVICE = /\(.*(`\w+`|[A-Z]+_[A-Z_]{3,}|port \d+|\/v1\/logs|\?).*\)/s

/** A server of gRPC, as far as a client over HTTP/1.1 gets to know it. */
async function startGrpc(): Promise<number> {
  const server = createHttp2Server().on('sessionError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing({ close: () => new Promise((resolve) => server.close(resolve)) })
  return (server.address() as AddressInfo).port
}

test.each<[Answer, RegExp]>([
  [{ status: 401 }, /`headers` option or OTEL_EXPORTER_OTLP_HEADERS/],
  [{ status: 403, body: 'no access' }, /server says "no access" .*`headers` option or OTEL_EXPORTER_OTLP_HEADERS/],
  [{ status: 404 }, /is the path right\? OTLP\/HTTP logs go to \/v1\/logs/],
  [{ status: 405 }, /is the path right\? OTLP\/HTTP logs go to \/v1\/logs/],
  [{ status: 407 }, /a proxy asks for credentials: .*HTTP_PROXY/],
  [{ status: 415 }, /`protocol`/],
  [{ status: 307, headers: { location: 'http://elsewhere.example/' } }, /redirects are not followed: set `url`/],
])('F10: of an answer such as %j it is said what, where and what to do', async (answer, advice) => {
  const receiver = closing(await startReceiver({ answer }))
  const message = await complaintOf({ endpoint: receiver.endpoint })
  expect(message).toMatch(
    new RegExp(`^1 log record dropped \\(rejected, 1 so far\\): ${receiver.url}: HTTP ${answer.status}`),
  )
  expect(message).toMatch(ADVICE)
  expect(message).toMatch(advice)
})

test('F12: nobody at the port: it is said what, where and what to do', async () => {
  const receiver = await startReceiver()
  await receiver.close()
  const message = await complaintOf({ endpoint: receiver.endpoint })
  expect(message).toContain(
    `${receiver.url}: connect ECONNREFUSED 127.0.0.1:${receiver.port} (is the collector running`,
  )
  expect(message).toMatch(ADVICE)
})

test.each(['ENOTFOUND', 'EAI_AGAIN'])(
  'F12: a name that cannot be resolved (%s): it is said what, where and what to do',
  async (code) => {
    const lookup = (name: string, _options: object, callback: (error: Error) => void): void =>
      setImmediate(callback, Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code })) as never
    jest.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup)
    const message = await complaintOf({ endpoint: 'http://colector:4318' })
    expect(message).toContain(`http://colector:4318/v1/logs: getaddrinfo ${code} colector (`)
    expect(message).toMatch(ADVICE)
  },
)

test('F04: no answer in time: it is said what, where and what to do', async () => {
  const receiver = closing(await startReceiver({ answer: { hang: true } }))
  const message = await complaintOf({ endpoint: receiver.endpoint, timeoutMillis: 200 })
  expect(message).toContain(`${receiver.url}: no answer within 200 ms (`)
  expect(message).toMatch(ADVICE)
})

test('F05: a port that speaks gRPC: it is said what, where and what to do', async () => {
  const port = await startGrpc()
  const message = await complaintOf({ endpoint: `http://127.0.0.1:${port}` })
  expect(message).toContain(`http://127.0.0.1:${port}/v1/logs: `)
  expect(message).toMatch(/port 4318/)
})

test('F05: http at port 4317, where gRPC is spoken: the first failure says which port it should be', async () => {
  const port = await startGrpc()
  // The port itself may be taken on this machine: connections to it are led to the one of the test.
  const create = (options: NetConnectOpts): ReturnType<typeof connect> => connect({ ...options, port })
  jest.spyOn(Agent.prototype, 'createConnection').mockImplementation(create as never)
  const bench = new Bench({ endpoint: 'http://127.0.0.1:4317' })
  bench.emit(1)
  await bench.run(() => bench.stats.retries === 1)
  expect(bench.reports.at(-1)!.message).toMatch(
    /^http:\/\/127\.0\.0\.1:4317\/v1\/logs: .+ \(port 4317 usually speaks gRPC: OTLP\/HTTP has port 4318\)/,
  )
})

test('F05: port 4317 is warned of before any request, with an endpoint that can be taken as it is', () => {
  const { reports } = new Bench({ endpoint: 'http://127.0.0.1:4317' })
  expect(reports.map(({ message }) => message)).toEqual([expect.stringContaining('port 4317')])
  const [, endpoint] = /`(http[^`]+)`/.exec(reports[0]!.message)!
  expect(new URL(endpoint!).port).toBe('4318')
  expect(new Bench({ endpoint: endpoint! }).reports).toEqual([])
})

test('F11: https asked of a port that speaks http: it is said what, where and what to do', async () => {
  const receiver = closing(await startReceiver())
  const message = await complaintOf({ endpoint: `https://127.0.0.1:${receiver.port}` })
  expect(message).toContain(`https://127.0.0.1:${receiver.port}/v1/logs: `)
  expect(message).toMatch(/speaks http\?/)
  expect(message).not.toMatch(/\p{Cc}/u)
})
