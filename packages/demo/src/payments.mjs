// The service `payments`. Its logger is winston's: one transport prints each line on stdout, the other ships it as a
// LogRecord to OTEL_EXPORTER_OTLP_ENDPOINT, from this thread.

import { randomBytes } from 'node:crypto'
import express from 'express'
import winston from 'winston'
import { OtlpTransport, traceContext } from 'winston-otlp'

const { combine, json, timestamp } = winston.format
const log = winston.createLogger({
  // traceContext is for stdout: the record has the active span's ids without it.
  format: combine(timestamp(), traceContext(), json()),
  transports: [new winston.transports.Console(), new OtlpTransport({ resource: { 'service.name': 'payments' } })],
})

class CardDeclined extends Error {
  code = 'card_declined'
  statusCode = 402
}

const app = express()
let requests = 0

app.use(express.json(), (request, _response, next) => {
  request.log = log.child({ reqId: `req-${++requests}` })
  next()
})

app.post('/charges', (request, response) => {
  const { amount, card } = request.body
  if (card.expires < new Date().toISOString()) throw new CardDeclined(`The card ending in ${card.last4} has expired`)
  const charge = `ch_${randomBytes(4).toString('hex')}`
  request.log.info('card charged', { charge, amount })
  response.json({ charge })
})

// Express knows an error handler by its four parameters.
app.use((error, request, response, _next) => {
  request.log.error('charge failed', { err: error })
  response.status(error.statusCode ?? 500).json({ error: error.message })
})

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  log.info(`Server listening at http://127.0.0.1:${server.address().port}`)
})

// The process then ends by itself, and delivers what waits before.
process.once('SIGTERM', () => {
  server.close()
  server.closeIdleConnections()
})
