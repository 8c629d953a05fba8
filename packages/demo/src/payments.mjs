// The service `payments`. Its logger writes to two streams: stdout, whose lines stay as they are, and `otlpTransport`, which
// reads the active span as a line is logged and ships the line from a worker thread to OTEL_EXPORTER_OTLP_ENDPOINT.

import { randomBytes } from 'node:crypto'
import Fastify, { LogController } from 'fastify'
import pino from 'pino'
import { otlpTransport } from 'pino-otlp'

const transport = otlpTransport({ resource: { 'service.name': 'payments' } })
const log = pino(
  {},
  pino.multistream([
    { level: 'trace', stream: process.stdout },
    { level: 'trace', stream: transport },
  ]),
)

const app = Fastify({
  loggerInstance: log,
  logController: new LogController({ disableRequestLogging: true }),
})

class CardDeclined extends Error {
  code = 'card_declined'
  statusCode = 402
}

app.post('/charges', async (request) => {
  const { amount, card } = request.body
  if (card.expires < new Date().toISOString()) throw new CardDeclined(`The card ending in ${card.last4} has expired`)
  const charge = `ch_${randomBytes(4).toString('hex')}`
  request.log.info({ charge, amount }, 'card charged')
  return { charge }
})

app.setErrorHandler((error, request, reply) => {
  request.log.error({ err: error }, 'charge failed')
  return reply.code(error.statusCode ?? 500).send({ error: error.message })
})

// close() resolves when all lines are delivered, or after closeTimeoutMillis.
process.once('SIGTERM', async () => {
  await app.close()
  await transport.close()
})

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) })
