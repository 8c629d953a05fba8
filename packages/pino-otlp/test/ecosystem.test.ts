// Lines of packages that many pino users have: pino-http's of a real request, and pino-caller's.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Receiver, startReceiver } from '@otlp-logs/test-support'
import pino from 'pino'
import { pinoCaller } from 'pino-caller'
import { pinoHttp } from 'pino-http'
import { otlpStream } from 'pino-otlp'

let receiver: Receiver
let server: Server | undefined
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  server?.close()
  expect(receiver.problems).toEqual([])
  await receiver.close()
})

test('pino-http: a request that fails arrives with its request, its response and the exception', async () => {
  const stream = otlpStream({ endpoint: receiver.endpoint, redact: { paths: ['req.headers.authorization'] } })
  const log = pinoHttp({
    logger: pino(stream),
    customLogLevel: (_request, { statusCode }) => (statusCode < 500 ? 'info' : 'error'),
  })
  server = createServer((request, response) => {
    log(request, response)
    response.statusCode = 500
    response.err = new RangeError('no such order')
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await fetch(`http://127.0.0.1:${port}/orders?id=7`, { headers: { authorization: 'Bearer secret' } })
  const [record] = await receiver.waitForRecords(1)
  expect(record).toMatchObject({
    severityNumber: 17,
    severityText: 'error',
    body: 'request errored',
    attributes: {
      'exception.type': 'RangeError',
      'exception.message': 'no such order',
      req: { method: 'GET', url: '/orders?id=7', headers: { authorization: '[REDACTED]' } },
      res: { statusCode: 500 },
      responseTime: expect.any(Number) as number,
    },
  })
  expect(JSON.stringify(receiver.requests[0]!.body.toString('latin1'))).not.toContain('secret')
  await stream.close()
})

test('A1: the place that pino-caller writes becomes code.*, when it is asked for', async () => {
  const stream = otlpStream({ endpoint: receiver.endpoint, keys: { caller: 'caller' } })
  const log = pinoCaller(pino(stream))
  log.info('here')
  const { complete } = await stream.close()
  expect(complete).toBe(true)
  expect(receiver.records[0]).toMatchObject({
    attributes: {
      'code.file.path': expect.stringContaining('ecosystem.test.ts') as string,
      'code.line.number': expect.any(Number) as number,
      'code.column.number': expect.any(Number) as number,
    },
  })
  expect(receiver.records[0]!.attributes).not.toHaveProperty('caller')
})
