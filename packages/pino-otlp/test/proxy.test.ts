// Requests through a proxy, a real one, in every mode: https by CONNECT and http by its full URL. The endpoint has a name that
// nobody but the proxy can find.

import { join } from 'node:path'
import {
  type App,
  type AppResult,
  CertificateAuthority,
  type Proxy,
  type Receiver,
  startApp,
  startProxy,
  startReceiver,
} from '@otlp-logs/test-support'

const HOST = 'collector.test'

const MODES: Readonly<Record<string, string>> = {
  'the worker target': `const logger = pino({ transport: { target: 'pino-otlp', options } })`,
  otlpTransport: `const transport = otlpTransport(options); const logger = pino(transport)`,
  otlpStream: `const transport = otlpStream(options); const logger = pino(transport)`,
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
/** Whether Node's agents know of proxies. */
const canProxy = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)

let authority: CertificateAuthority
let receivers: Record<'http' | 'https', Receiver>
let proxy: Proxy

beforeAll(() => {
  authority = new CertificateAuthority()
})
afterAll(() => authority.close())
beforeEach(async () => {
  receivers = {
    http: await startReceiver(),
    https: await startReceiver({ tls: authority.make({ subject: `DNS:${HOST}` }) }),
  }
})
afterEach(async () => {
  for (const receiver of Object.values(receivers)) {
    expect(receiver.problems).toEqual([])
    await receiver.close()
  }
  await proxy.close()
})

function start(main: string, env: Record<string, string>, scheme: 'http' | 'https' = 'https', more: object = {}): App {
  const options = {
    endpoint: `${scheme}://${HOST}`,
    headers: { authorization: 'Bearer secret-of-the-endpoint' },
    ...(scheme === 'https' && { tls: { ca: authority.path } }),
    ...more,
  }
  const source = `
    import pino from 'pino'
    import { otlpStream, otlpTransport } from 'pino-otlp'
    const options = ${JSON.stringify(options)}
    ${main}`
  return startApp(source, { resolveFrom: join(__dirname, '..'), env })
}

const run = (...args: Parameters<typeof start>): Promise<AppResult> => start(...args).done

const QUIET = { code: 0, stderr: '' }
const bodies = (scheme: 'http' | 'https'): unknown[] => receivers[scheme].records.map(({ body }) => body)

function throughProxies(): void {
  describe.each(Object.entries(MODES))('%s', (_, make) => {
    test('reaches an https endpoint by CONNECT, and shows the proxy nothing of it', async () => {
      proxy = await startProxy({ to: receivers.https.port })
      expect(await run(`${make}\nlogger.info('hello')`, { HTTPS_PROXY: proxy.url })).toMatchObject(QUIET)
      expect(bodies('https')).toEqual(['hello'])
      expect(receivers.https.requests[0]!.headers['authorization']).toBe('Bearer secret-of-the-endpoint')
      expect(proxy.asked).toEqual([`CONNECT ${HOST}:443`])
      expect(JSON.stringify(proxy.headers)).not.toContain('secret')
    })

    test('reaches an http endpoint by its full URL', async () => {
      proxy = await startProxy({ to: receivers.http.port })
      expect(await run(`${make}\nlogger.info('hello')`, { http_proxy: proxy.url }, 'http')).toMatchObject(QUIET)
      expect(bodies('http')).toEqual(['hello'])
      expect(proxy.asked).toEqual([`POST http://${HOST}/v1/logs`])
    })

    test('gives the credentials of the URL to the proxy alone', async () => {
      proxy = await startProxy({ to: receivers.https.port, credentials: 'ada:open-sesame' })
      expect(await run(`${make}\nlogger.info('hello')`, { https_proxy: proxy.url })).toMatchObject(QUIET)
      expect(bodies('https')).toEqual(['hello'])
      expect(receivers.https.requests[0]!.headers).not.toHaveProperty('proxy-authorization')
    })

    test('delivers at process.exit, too', async () => {
      proxy = await startProxy({ to: receivers.https.port })
      const main = `${make}\nlogger.info('last words')\nprocess.exit(7)`
      expect(await run(main, { HTTPS_PROXY: proxy.url })).toMatchObject({ code: 7, stderr: '' })
      expect(bodies('https')).toEqual(['last words'])
    })
  })

  test.each(['http', 'https'] as const)(
    'wrong credentials are said, and shown nowhere, though the proxy repeats them (%s)',
    async (scheme) => {
      proxy = await startProxy({ to: receivers[scheme].port, credentials: 'ada:open-sesame' })
      const url = proxy.url.replace('open-sesame', 'canary-word')
      const more = { closeTimeoutMillis: 1500 }
      const main = `${MODES['otlpStream']}\nlogger.info('hello')\nawait transport.close()`
      const { stderr } = await run(main, { [`${scheme.toUpperCase()}_PROXY`]: url }, scheme, more)
      expect(stderr).toMatch(/407.*I do not know/)
      expect(stderr).toContain('a proxy asks for credentials: they belong into the URL in HTTP_PROXY or HTTPS_PROXY')
      expect(stderr).toContain('1 log record')
      for (const secret of ['canary-word', Buffer.from('ada:canary-word').toString('base64')]) {
        expect(stderr).not.toContain(secret)
      }
    },
  )

  test('a proxy that is down is named, records wait, and arrive when it is back', async () => {
    proxy = await startProxy({ to: receivers.https.port })
    const { port, url } = proxy
    await proxy.close()
    const app = start(`${MODES['otlpStream']}\nlogger.info('hello')\nawait transport.flush()`, { HTTPS_PROXY: url })
    expect(await app.stderrLine('trying again')).toBe(
      `pino-otlp: https://${HOST}/v1/logs: connect ECONNREFUSED 127.0.0.1:${port} (requests go through the proxy of HTTP_PROXY or HTTPS_PROXY); 1 log record waiting, trying again`,
    )
    proxy = await startProxy({ to: receivers.https.port, port })
    expect(await app.done).toMatchObject({ code: 0 })
    expect(bodies('https')).toEqual(['hello'])
  })

  test.each(['*', HOST, `other.test, ${HOST.toUpperCase()}`, '.test', '*.test', `${HOST}:443`])(
    'NO_PROXY=%s takes the endpoint out',
    async (noProxy) => {
      proxy = await startProxy({ to: receivers.https.port })
      const main = `${MODES['otlpStream']}\nlogger.info('hello')\nawait transport.close()`
      const more = { closeTimeoutMillis: 300 }
      const { stderr } = await run(main, { HTTPS_PROXY: proxy.url, NO_PROXY: noProxy }, 'https', more)
      expect(proxy.asked).toEqual([])
      // Nobody else knows the name.
      expect(stderr).toMatch(new RegExp(`(ENOTFOUND|EAI_AGAIN) ${HOST}.*is the host name in .endpoint. right`))
    },
  )

  test.each(['other.test', 'test', `${HOST}:8443`, 'sub.collector.test'])('NO_PROXY=%s does not', async (noProxy) => {
    proxy = await startProxy({ to: receivers.https.port })
    const env = { HTTPS_PROXY: proxy.url, no_proxy: noProxy }
    expect(await run(`${MODES['otlpStream']}\nlogger.info('hello')`, env)).toMatchObject(QUIET)
    expect(bodies('https')).toEqual(['hello'])
  })
}

function withoutProxies(): void {
  test('this Node cannot, which is said once, and asks the endpoint directly', async () => {
    proxy = await startProxy({ to: receivers.https.port })
    const main = `${MODES['otlpStream']}\nlogger.info('hello')\nawait transport.close()`
    const { stderr } = await run(main, { HTTPS_PROXY: proxy.url }, 'https', { closeTimeoutMillis: 300 })
    expect(stderr.split('cannot use it: requests go to the endpoint directly')).toHaveLength(2)
    expect(proxy.asked).toEqual([])
  })
}

describe('a proxy', () => (canProxy ? throughProxies() : withoutProxies()))
