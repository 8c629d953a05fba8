import { type Receiver, startReceiver } from '@otlp-logs/test-support'
import { importOf, linesOf, runServer } from './example.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

describe('the example for Express', () => {
  it('delivers what it logs of each request, prints it as well, and ends by itself', async () => {
    const { code, stdout, stderr } = await runServer(importOf('express/app.mjs'), receiver, async (server) => {
      expect(await server.order('tea', 2)).toBe(201)
      expect(await server.order('cake', 0)).toBe(500)
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(receiver.problems).toEqual([])

    const completed = (status: number): object => ({
      body: 'request completed',
      severityText: 'info',
      attributes: { 'http.request.method': 'POST', 'url.path': '/orders', 'http.response.status_code': status },
    })
    expect(receiver.records).toMatchObject([
      { body: expect.stringMatching(/^listening at http/) },
      { body: 'order placed', severityText: 'info', attributes: { item: 'tea', quantity: 2 } },
      completed(201),
      {
        body: 'Expected a quantity from 1 up, got 0',
        severityText: 'error',
        attributes: {
          'exception.type': 'RangeError',
          'exception.message': 'Expected a quantity from 1 up, got 0',
          'exception.stacktrace': expect.stringContaining('app.mjs'),
        },
      },
      completed(500),
    ])
    expect(receiver.records.map(({ resource }) => resource['service.name'])).toEqual(Array(5).fill('orders'))
    expect(linesOf(stdout).map(({ message }) => message)).toEqual(receiver.records.map(({ body }) => body))
  })
})
