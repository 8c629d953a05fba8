// A15 to A18: what pino-http and Fastify write about a request, under the names of semantic conventions.

import { createServer, request as httpRequest, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ReceivedRecord } from '@otlp-logs/test-support'
import pino from 'pino'
import { type Options as HttpOptions, pinoHttp } from 'pino-http'
import type { OtlpOptions } from 'pino-otlp'
import { type Mode, MODES, only, Shipyard } from './ship.ts'

const yard = new Shipyard()
const HEADERS = {
  'user-agent': 'curl/8.5',
  authorization: 'Bearer secret1',
  cookie: 'session=secret2',
  'X-Request-Id': 'r7',
  'x-forwarded-for': '203.0.113.9, 10.0.0.1',
  accept: '*/*',
}

/** Serves one request with pino-http on a real socket, and gives the record of it. */
async function serve(
  mode: Mode,
  options: OtlpOptions,
  { path = '/a', headers = {}, http = {}, method = 'GET', logger = {} }: Served = {},
): Promise<ReceivedRecord & { port: number }> {
  // Loggers of a test share nothing.
  const transport = yard.open(mode, { logger: {}, transport: { httpAttributes: true, ...options } })
  const middleware = pinoHttp({ logger: pino(logger, transport), ...http })
  let port = 0
  const records = await yard.arrived(async () => {
    port = await answerOnce(
      (request, response) => {
        middleware(request, response)
        response.setHeader('set-cookie', 'session=secret3')
        response.setHeader('x-served-by', 'b2')
        response.statusCode = 418
        response.end('teapot')
      },
      { path, headers, method },
    )
    await transport.flush()
  })
  return { ...only(records), port }
}

interface Served {
  path?: string
  headers?: Record<string, string>
  method?: string
  http?: HttpOptions
  logger?: pino.LoggerOptions
}

/** The port of a server that was asked once. */
async function answerOnce(
  listener: RequestListener,
  { path, headers, method }: Required<Pick<Served, 'path' | 'headers' | 'method'>>,
): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path, headers, method, agent: false }, (response) => {
      response.resume()
      response.once('close', resolve)
    })
    request.once('error', reject)
    request.end()
  })
  await new Promise((resolve) => server.close(resolve))
  return port
}

const plainly = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe.each(MODES)('http attributes by %s', (mode) => {
  it('A15, A16, A18: a request of pino-http is told by conventions, and the rest stays where it was', async () => {
    const record = await serve(mode, {}, { path: '/orders/7?full=1', headers: HEADERS })
    const { port, attributes } = record
    expect(plainly(attributes)).toEqual({
      'http.request.method': 'GET',
      'url.path': '/orders/7',
      'url.query': 'full=1',
      'server.address': '127.0.0.1',
      'server.port': port,
      'user_agent.original': 'curl/8.5',
      'network.peer.address': '127.0.0.1',
      'network.peer.port': expect.any(Number),
      'client.address': '203.0.113.9',
      'http.response.status_code': 418,
      req: { id: 1, headers: { 'x-request-id': 'r7', accept: '*/*', connection: 'close' } },
      res: { headers: { 'x-served-by': 'b2' } },
      responseTime: expect.any(Number),
    })
    expect(record.attributeValues['http.response.status_code']).toEqual({ intValue: '418' })
    expect(record.body).toBe('request completed')
    expect(JSON.stringify(plainly(attributes))).not.toMatch(/secret/)
  })

  it('A16: only headers that are named become attributes, as arrays of text', async () => {
    const options = { httpHeaders: ['X-Request-ID', 'set-cookie', 'accept'] }
    const { attributes } = await serve(mode, options, { headers: HEADERS })
    expect(attributes).toMatchObject({
      'http.request.header.x-request-id': ['r7'],
      'http.request.header.accept': ['*/*'],
      'http.response.header.set-cookie': ['session=secret3'],
    })
    expect(Object.keys(attributes).filter((name) => name.includes('header.'))).toHaveLength(3)
    expect(JSON.stringify(plainly(attributes))).not.toMatch(/secret[12]/)
  })

  it('A17: signatures in a query become REDACTED, and their keys stay', async () => {
    const path = '/a?sig=x&b=1&X-Amz-Signature=y&AWSAccessKeyId=z&signature=kept&X%2DGoog-Signature=w&Signature'
    const { attributes } = await serve(mode, {}, { path })
    expect(attributes).toMatchObject({
      'url.path': '/a',
      'url.query':
        'sig=REDACTED&b=1&X-Amz-Signature=REDACTED&AWSAccessKeyId=REDACTED&signature=kept&X%2DGoog-Signature=REDACTED&Signature',
    })
    expect(plainly(attributes['req'])).not.toHaveProperty('query')
  })

  it('A15: a method that is not known is _OTHER, beside what it was', async () => {
    const { attributes } = await serve(mode, {}, { method: 'PROPFIND' })
    expect(attributes).toMatchObject({
      'http.request.method': '_OTHER',
      'http.request.method_original': 'PROPFIND',
    })
  })

  it('A15: a whole URL, as a proxy is given, is told without its userinfo', async () => {
    const { attributes } = await serve(mode, {}, { path: 'http://me:secret@shop.example:8080?q=1' })
    expect(attributes).toMatchObject({
      'url.scheme': 'http',
      'url.path': '/',
      'url.query': 'q=1',
      'server.address': 'shop.example',
      'server.port': 8080,
    })
    expect(JSON.stringify(plainly(attributes))).not.toContain('secret')
  })

  it('A15: without the option, req and res stay as they are', async () => {
    const { attributes } = await serve(mode, { httpAttributes: false }, { headers: { accept: 'text/plain' } })
    expect(plainly(attributes)).toMatchObject({
      req: { method: 'GET', url: '/a', headers: { accept: 'text/plain' } },
      res: { statusCode: 418 },
    })
    expect(Object.keys(attributes).filter((name) => name.startsWith('http.'))).toEqual([])
  })

  it('A16: redaction knows the names of the line and those of conventions', async () => {
    const redact = {
      paths: ['req.headers["x-request-id"]', 'req.remoteAddress', 'url.query', 'user_agent.original'],
      censor: 'gone',
    }
    const { attributes, body } = await serve(
      mode,
      { redact, httpHeaders: ['x-request-id'], body: 'line' },
      { path: '/a?token=secret4', headers: HEADERS },
    )
    expect(attributes).toMatchObject({
      'http.request.header.x-request-id': ['gone'],
      'network.peer.address': 'gone',
      'url.query': 'gone',
      'user_agent.original': 'gone',
    })
    expect(body).not.toMatch(/secret|r7|curl/)
    expect(JSON.parse(body as string)).toMatchObject({ 'http.request.method': 'GET', msg: 'request completed' })
  })

  it('A16: without redaction the line is written anew, too, so that no credentials are in it', async () => {
    const { body } = await serve(mode, { body: 'line' }, { headers: HEADERS })
    expect(body).not.toMatch(/secret/)
  })

  it('E1: the error of a request that failed is an exception, beside its attributes', async () => {
    const http: HttpOptions = {
      customLogLevel: () => 'error',
      customProps: () => ({ err: new RangeError('deep') }),
    }
    const { attributes } = await serve(mode, {}, { http })
    expect(attributes).toMatchObject({ 'exception.type': 'RangeError', 'http.request.method': 'GET' })
  })

  it("A15: what Fastify's serializers write is known", async () => {
    const req = {
      method: 'GET',
      url: '/f?a=1',
      version: '1',
      host: '[::1]:3000',
      remoteAddress: '::1',
      remotePort: 50000,
    }
    const transport = { httpAttributes: true }
    const started = await yard.one(mode, (log) => log.info({ reqId: 'req-1', req }, 'incoming request'), { transport })
    expect(plainly(started.attributes)).toEqual({
      'http.request.method': 'GET',
      'url.path': '/f',
      'url.query': 'a=1',
      'server.address': '::1',
      'server.port': 3000,
      'network.peer.address': '::1',
      'network.peer.port': 50000,
      'client.address': '::1',
      reqId: 'req-1',
      req: { version: '1' },
    })
    const ended = await yard.one(
      mode,
      (log) => log.info({ reqId: 'req-1', res: { statusCode: 200 }, responseTime: 1.5 }, 'request completed'),
      { transport },
    )
    expect(plainly(ended.attributes)).toEqual({
      'http.response.status_code': 200,
      reqId: 'req-1',
      responseTime: 1.5,
    })
  })

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a route that is a template', { route: { path: '/orders/:id' } }, { 'http.route': '/orders/:id' }],
    ['a route as text', { route: '/orders/:id' }, { 'http.route': '/orders/:id' }],
    ["Fastify's route", { routeOptions: { url: '/f/:id' } }, { 'http.route': '/f/:id' }],
    [
      'forwarded',
      { headers: { forwarded: 'for="[2001:db8::1]:80";proto=https, for=b' } },
      { 'client.address': '2001:db8::1' },
    ],
    [
      'forwarded with a port',
      { headers: { 'x-forwarded-for': '198.51.100.2:81' } },
      { 'client.address': '198.51.100.2' },
    ],
    ['HTTP/2', { httpVersion: '2.0' }, { 'network.protocol.version': '2' }],
    ['HTTP/1.1', { httpVersion: '1.1' }, { 'network.protocol.version': '1.1' }],
    ['the target *', { url: '*' }, { 'url.path': '*' }],
  ])('A15: %s', async (_what, fields, expected) => {
    const req = { method: 'GET', url: '/a', ...fields }
    const record = await yard.one(mode, (log) => log.info({ req }, 'x'), { transport: { httpAttributes: true } })
    expect(record.attributes).toMatchObject(expected)
  })

  it.each([
    ['no request', { req: 'r7', res: { ok: true } }],
    ['a target that cannot be read', { req: { url: 'http://[', id: 1 } }],
    ['a list', { req: [{ method: 'GET' }], res: null }],
  ])('A15: %s stays what it is', async (_what, fields) => {
    const record = await yard.one(mode, (log) => log.info(fields, 'x'), { transport: { httpAttributes: true } })
    expect(plainly(record.attributes)).toEqual(fields)
  })

  it('A15: what the app says under these names wins', async () => {
    const fields = { 'http.request.method': 'MINE', 'url.path': '/mine', req: { method: 'GET', url: '/a' } }
    const record = await yard.one(mode, (log) => log.info(fields, 'x'), { transport: { httpAttributes: true } })
    expect({ ...record.attributes }).toEqual({ 'http.request.method': 'MINE', 'url.path': '/mine' })
  })
})
