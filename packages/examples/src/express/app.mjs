import express from 'express'
import winston from 'winston'
import { OtlpTransport, traceContext } from 'winston-otlp'

const { combine, errors, json } = winston.format
const logger = winston.createLogger({
  format: combine(errors({ stack: true }), traceContext(), json()),
  transports: [new winston.transports.Console(), new OtlpTransport({ resource: { 'service.name': 'orders' } })],
})

const app = express()
app.use(express.json())
app.use((request, response, next) => {
  response.once('finish', () => {
    logger.info('request completed', {
      'http.request.method': request.method,
      'url.path': request.path,
      'http.response.status_code': response.statusCode,
    })
  })
  next()
})

app.post('/orders', (request, response) => {
  const { item, quantity } = request.body
  if (!(quantity > 0)) throw new RangeError(`Expected a quantity from 1 up, got ${quantity}`)
  logger.info('order placed', { item, quantity })
  response.status(201).json({ item, quantity })
})

app.use((error, request, response, _next) => {
  logger.error(error)
  response.status(500).json({ error: 'The order could not be placed' })
})

const server = app.listen(process.env.PORT ?? 3000, () => {
  logger.info(`listening at http://localhost:${server.address().port}`)
})

// With nothing left to do the process ends by itself, and what waits is delivered before.
process.once('SIGTERM', () => server.close())
