import winston from 'winston'
import { OtlpTransport } from 'winston-otlp'

const otlp = new OtlpTransport({
  resource: { 'service.name': process.env.AWS_LAMBDA_FUNCTION_NAME },
  // An attempt and a flush take less than the function may: 3 s, unless you have set it.
  timeoutMillis: 1000,
  exportTimeoutMillis: 2000,
})
const logger = winston.createLogger({ transports: [otlp] })

export async function handler(event, context) {
  const log = logger.child({ 'faas.invocation_id': context.awsRequestId })
  try {
    log.info('order received', { orderId: event.orderId })
    return { statusCode: 202 }
  } finally {
    await otlp.flush()
  }
}
