import Fastify from 'fastify'
import { traceContext } from 'pino-otlp'

const app = Fastify({
  logger: {
    mixin: traceContext,
    transport: {
      targets: [
        { target: 'pino/file', options: { destination: 1 } },
        { target: 'pino-otlp', options: { resource: { 'service.name': 'orders' } } },
      ],
    },
  },
})

app.post('/orders', async (request, reply) => {
  const { item, quantity } = request.body
  if (!(quantity > 0)) throw new RangeError(`Expected a quantity from 1 up, got ${quantity}`)
  request.log.info({ item, quantity }, 'order placed')
  return reply.code(201).send({ item, quantity })
})

// With nothing left to do the process ends by itself, and pino's worker delivers what waits before.
process.once('SIGTERM', () => app.close())

await app.listen({ port: Number(process.env.PORT ?? 3000) })
