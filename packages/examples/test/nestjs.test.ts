// The example is TypeScript with decorators, which Node cannot run: swc compiles it, as `nest build` can.

import { join } from 'node:path'
import { type ReceivedRecord, type Receiver, startReceiver } from '@otlp-logs/test-support'
import { transformFileSync } from '@swc/core'
import { FOLDER, linesOf, runServer } from './example.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

function compile(file: string): string {
  const { code } = transformFileSync(join(FOLDER, 'src', file), {
    swcrc: false,
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  })
  return code
}

describe('the example for NestJS', () => {
  it('delivers what it logs of each request, prints it as well, and ends by itself', async () => {
    const { code, stdout, stderr } = await runServer(compile('nestjs/main.ts'), receiver, async (server) => {
      expect(await server.order('tea', 2)).toBe(201)
      expect(await server.order('cake', 0)).toBe(500)
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(receiver.problems).toEqual([])

    const context = 'OrdersController'
    const req = { method: 'POST', url: '/orders', headers: { authorization: '[Redacted]' } }
    const isOfRequests = ({ attributes }: ReceivedRecord): boolean => 'req' in attributes
    expect(receiver.records.filter(isOfRequests)).toMatchObject([
      { body: 'order placed', severityText: 'info', attributes: { context, req, item: 'tea', quantity: 2 } },
      { body: 'request completed', attributes: { req, res: { statusCode: 201 }, responseTime: expect.any(Number) } },
      {
        body: 'Expected a quantity from 1 up, got 0',
        severityText: 'error',
        attributes: {
          req,
          'exception.type': 'RangeError',
          'exception.message': 'Expected a quantity from 1 up, got 0',
          'exception.stacktrace': expect.stringContaining('OrdersController.create'),
        },
      },
      { body: 'request errored', attributes: { req, res: { statusCode: 500 } } },
    ])
    const names = receiver.records.map(({ resource }) => resource['service.name'])
    expect(names).toEqual(names.map(() => 'orders'))
    const bodies = receiver.records.map(({ body }) => body)
    expect(bodies).toContain('Nest application successfully started')
    expect(linesOf(stdout).map(({ msg }) => msg)).toEqual(bodies)
  })
})
