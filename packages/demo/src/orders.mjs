// The service `orders`. Its logger is set up by pino's own `transport`: a worker thread writes each line to stdout and
// ships it as a LogRecord to OTEL_EXPORTER_OTLP_ENDPOINT.

import Fastify, { LogController } from 'fastify'
import pino from 'pino'
import { traceContext } from 'pino-otlp'

const log = pino({
  // A worker sees lines only, so that the active span has to be in the line: trace_id, span_id, trace_flags.
  mixin: traceContext,
  transport: {
    targets: [
      { target: 'pino/file', options: { destination: 1 } },
      { target: 'pino-otlp', options: { resource: { 'service.name': 'orders' } } },
    ],
  },
})

const app = Fastify({
  loggerInstance: log,
  logController: new LogController({ disableRequestLogging: true }),
})

app.post('/orders', async (request, reply) => {
  const { item, quantity, card } = request.body
  request.log.info({ item, quantity }, 'order received')
  const total = quantity * 4.5
  const payment = await fetch(`${process.env.PAYMENTS_URL}/charges`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ amount: total, card }),
    signal: AbortSignal.timeout(5000),
  })
  if (!payment.ok) throw new Error(`payments answered ${payment.status}`)
  const { charge } = await payment.json()
  request.log.info({ order: { total, charge } }, 'order placed')
  return reply.code(201).send({ item, quantity, total, charge })
})

app.setErrorHandler((error, request, reply) => {
  request.log.error({ err: error }, 'order failed')
  return reply.code(502).send({ error: 'The order could not be paid' })
})

// Closing the server leaves nothing to do: the process ends by itself, and pino's worker delivers what waits before.
process.once('SIGTERM', () => app.close())

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 0) })
