import { type Receiver, startReceiver } from '@otlp-logs/test-support'
import { importOf, linesOf, runServer } from './example.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

describe('the example for Fastify', () => {
  it('delivers what it and Fastify log of each request, prints it as well, and ends by itself', async () => {
    const { code, stdout, stderr } = await runServer(importOf('fastify/app.mjs'), receiver, async (server) => {
      expect(await server.order('tea', 2)).toBe(201)
      expect(await server.order('cake', 0)).toBe(500)
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(receiver.problems).toEqual([])

    const incoming = (reqId: string): object => ({
      body: 'incoming request',
      attributes: { reqId, req: { method: 'POST', url: '/orders' } },
    })
    const completed = (reqId: string, statusCode: number): object => ({
      body: 'request completed',
      severityText: 'info',
      attributes: { reqId, res: { statusCode }, responseTime: expect.any(Number) },
    })
    expect(receiver.records).toMatchObject([
      { body: expect.stringMatching(/^Server listening at http/) },
      incoming('req-1'),
      { body: 'order placed', severityText: 'info', attributes: { reqId: 'req-1', item: 'tea', quantity: 2 } },
      completed('req-1', 201),
      incoming('req-2'),
      {
        body: 'Expected a quantity from 1 up, got 0',
        severityText: 'error',
        attributes: {
          reqId: 'req-2',
          'exception.type': 'RangeError',
          'exception.message': 'Expected a quantity from 1 up, got 0',
          'exception.stacktrace': expect.stringContaining('app.mjs'),
        },
      },
      completed('req-2', 500),
    ])
    expect(receiver.records.map(({ resource }) => resource['service.name'])).toEqual(Array(7).fill('orders'))
    expect(linesOf(stdout).map(({ msg }) => msg)).toEqual(receiver.records.map(({ body }) => body))
  })
})
