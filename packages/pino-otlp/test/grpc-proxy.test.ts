// gRPC through a proxy, a real one, in every mode and at process.exit. The endpoint has a name that nobody but the proxy can
// find.

import { join } from 'node:path'
import {
  type AppResult,
  CertificateAuthority,
  type GrpcReceiver,
  type Proxy,
  runApp,
  startGrpcReceiver,
  startProxy,
} from '@otlp-logs/test-support'

const HOST = 'collector.test'
const CREDENTIALS = 'user:secret-of-the-proxy'

const MODES: Readonly<Record<string, string>> = {
  'the worker target': `pino({ transport: { target: 'pino-otlp', options } })`,
  otlpTransport: `pino({}, otlpTransport(options))`,
  otlpStream: `pino({}, otlpStream(options))`,
}

let authority: CertificateAuthority
let receiver: GrpcReceiver
let proxy: Proxy

beforeAll(() => {
  authority = new CertificateAuthority()
})
afterAll(() => authority.close())
afterEach(async () => {
  expect(receiver.problems).toEqual([])
  await receiver.close()
  await proxy.close()
})

async function setUp(scheme: 'http' | 'https', credentials?: string): Promise<void> {
  const tls = { tls: authority.make({ subject: `DNS:${HOST}` }) }
  receiver = await startGrpcReceiver(scheme === 'https' ? tls : {})
  proxy = await startProxy({ to: receiver.port, ...(credentials !== undefined && { credentials }) })
}

function run(logger: string, scheme: string, end: string, env: Record<string, string>): Promise<AppResult> {
  const source = `
    import pino from 'pino'
    import { otlpStream, otlpTransport } from 'pino-otlp'
    const options = {
      protocol: 'grpc',
      endpoint: '${scheme}://${HOST}:4317',
      headers: { authorization: 'Bearer secret-of-the-endpoint' },
      closeTimeoutMillis: 2000,
      ${scheme === 'https' ? `tls: { ca: '${authority.path}' },` : ''}
    }
    const logger = ${logger}
    logger.info('hello')
    ${end}`
  return runApp(source, { resolveFrom: join(__dirname, '..'), env })
}

const bodies = (): unknown[] => receiver.records.map(({ body }) => body)

describe.each(Object.entries(MODES))('%s', (_mode, logger) => {
  test.each([
    ['http', 'HTTP_PROXY', 'a natural end', ''],
    ['http', 'https_proxy', 'process.exit', 'process.exit(0)'],
    ['https', 'HTTPS_PROXY', 'a natural end', ''],
    ['https', 'grpc_proxy', 'process.exit', 'process.exit(0)'],
  ] as const)('%s goes by CONNECT through %s, at %s', async (scheme, variable, _end, end) => {
    await setUp(scheme, CREDENTIALS)
    expect(await run(logger, scheme, end, { [variable]: proxy.url })).toMatchObject({ code: 0, stderr: '' })
    expect(bodies()).toEqual(['hello'])
    expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${HOST}:4317`]))
    expect(receiver.calls[0]!.metadata['authorization']).toEqual(['Bearer secret-of-the-endpoint'])
    expect(JSON.stringify(proxy.headers)).not.toContain('secret-of-the-endpoint')
  })
})

test.each([
  ['a natural end', ''],
  ['process.exit', 'process.exit(0)'],
])('what the server says together with the answer to CONNECT is heard, at %s', async (_end, end) => {
  receiver = await startGrpcReceiver()
  proxy = await startProxy({ to: receiver.port, withFirstBytes: true })
  const result = await run(MODES['otlpStream']!, 'http', end, { HTTP_PROXY: proxy.url })
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(bodies()).toEqual(['hello'])
})

test('a proxy that refuses is trouble like an outage, and no message shows its credentials', async () => {
  await setUp('http', CREDENTIALS)
  const url = proxy.url.replace('secret-of', 'canary')
  const { code, stderr } = await run(MODES['otlpStream']!, 'http', '', { HTTP_PROXY: url })
  expect(code).toBe(0)
  expect(stderr).toContain('requests go through the proxy of HTTP_PROXY or HTTPS_PROXY')
  expect(stderr).toContain('1 log record not delivered')
  expect(stderr).not.toContain('canary')
  expect(bodies()).toEqual([])
})

test.each(['no_grpc_proxy', 'NO_PROXY'])('%s lists what is asked directly', async (variable) => {
  await setUp('http')
  const env = { HTTP_PROXY: proxy.url, [variable]: HOST }
  const { stderr } = await run(MODES['otlpStream']!, 'http', '', env)
  expect(stderr).toContain('is the host name in `endpoint` right?')
  expect(proxy.asked).toEqual([])
})

test('what is no proxy is one warning', async () => {
  await setUp('http')
  const { stderr } = await run(MODES['otlpStream']!, 'http', '', { HTTPS_PROXY: 'socks://canary@proxy' })
  expect(stderr).toContain('Ignored HTTPS_PROXY: it is no URL with http://. Calls go to the endpoint directly.')
  expect(stderr).not.toContain('canary')
})
