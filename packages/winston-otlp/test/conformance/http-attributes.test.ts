// A15 to A18: what express-winston writes about a request, under the names of semantic conventions.

import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ReceivedRecord } from '@otlp-logs/test-support'
import expressWinston from 'express-winston'
import winston from 'winston'
import type { OtlpTransportOptions } from 'winston-otlp'
import { createLogger, only, plainly, Shipyard } from '../ship.ts'

const yard = new Shipyard()
type Listener = (request: IncomingMessage, response: ServerResponse) => void
type Middleware = (request: unknown, response: unknown, next: () => void) => void

/** Serves one request on a real socket, and gives the record of it. */
async function serve(
  listen: (logger: winston.Logger) => Listener,
  options: OtlpTransportOptions = {},
): Promise<ReceivedRecord & { port: number }> {
  const transport = yard.open({ httpAttributes: true, ...options })
  const server = createServer(listen(createLogger({ transports: [transport] }) as never))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const records = await yard.arrived(async () => {
    const headers = {
      'user-agent': 'curl/8.5',
      authorization: 'Bearer secret1',
      cookie: 'session=secret2',
      'x-request-id': 'r7',
    }
    await new Promise<void>((resolve, reject) => {
      const path = '/orders/7?sig=secret3&b=1'
      const request = httpRequest(
        { port, host: '127.0.0.1', path, headers, method: 'POST', agent: false },
        (response) => {
          response.resume()
          response.once('close', resolve)
        },
      )
      request.once('error', reject)
      request.end()
    })
    await new Promise((resolve) => server.close(resolve))
    await transport.flush()
  })
  return { ...only(records), port }
}

const MAPPED = {
  'http.request.method': 'POST',
  'url.path': '/orders/7',
  'url.query': 'sig=REDACTED&b=1',
  'server.address': '127.0.0.1',
  'user_agent.original': 'curl/8.5',
  'network.protocol.version': '1.1',
}

/** express-winston, without Express: it needs no more than what Node gives. */
function withExpressWinston(options: object): (logger: winston.Logger) => Listener {
  return (winstonInstance) => {
    const middleware = expressWinston.logger({ winstonInstance, ...options }) as unknown as Middleware
    return (request, response) => {
      middleware(Object.assign(request, { originalUrl: request.url, query: { sig: 'secret3' } }), response, () => {
        response.statusCode = 404
        response.end('none')
      })
    }
  }
}

it.each([
  ['under meta', {}],
  ['beside the message', { metaField: null }],
])(
  'A15, A16, A17, A18: a request of express-winston that stands %s is told by conventions',
  async (_where, options) => {
    const record = await serve(withExpressWinston(options), { httpHeaders: ['x-request-id'] })
    expect(record.attributes).toMatchObject({
      ...MAPPED,
      'server.port': record.port,
      'http.response.status_code': 404,
      'http.request.header.x-request-id': ['r7'],
      responseTime: expect.any(Number),
    })
    expect(record.attributeValues['http.response.status_code']).toEqual({ intValue: '404' })
    expect(JSON.stringify(plainly(record.attributes))).not.toMatch(/secret/)
  },
)

it('A15: without the option, meta stays as it is', async () => {
  const record = await serve(withExpressWinston({}), { httpAttributes: false })
  expect(plainly(record.attributes)).toMatchObject({ meta: { req: { method: 'POST' }, res: { statusCode: 404 } } })
})

it('A15: of a request and a response of Node itself, only what they say of HTTP is sent', async () => {
  const record = await serve((logger) => (req, res) => {
    res.statusCode = 204
    res.end()
    logger.info('done', { req, res })
  })
  expect(plainly(record.attributes)).toMatchObject({
    ...MAPPED,
    'network.peer.address': '127.0.0.1',
    'http.response.status_code': 204,
    req: { headers: { 'x-request-id': 'r7' } },
  })
  expect(Object.keys(record.attributes['req'] as object)).toEqual(['headers'])
  expect(Object.keys(record.attributes)).not.toContain('res')
})

it('A15: a field that throws when it is read spoils nothing', async () => {
  const req = {
    method: 'GET',
    get url(): string {
      throw new Error('trap')
    },
  }
  const logger = { format: winston.format((info) => info)() }
  const record = await yard.one((log) => log['info']!('x', { req, a: 1 }), {
    logger,
    transport: { httpAttributes: true },
  })
  expect(plainly(record.attributes)).toEqual({ req: { method: 'GET', url: '[Throws: trap]' }, a: 1 })
})
