import pino from 'pino'
import { otlpStream } from 'pino-otlp'

const stream = otlpStream({
  resource: { 'service.name': process.env.AWS_LAMBDA_FUNCTION_NAME },
  // An attempt and a flush take less than the function may: 3 s, unless you have set it.
  timeoutMillis: 1000,
  exportTimeoutMillis: 2000,
})
const logger = pino(stream)

export async function handler(event, context) {
  const log = logger.child({ 'faas.invocation_id': context.awsRequestId })
  try {
    log.info({ orderId: event.orderId }, 'order received')
    return { statusCode: 202 }
  } finally {
    await stream.flush()
  }
}
