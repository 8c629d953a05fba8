import pino from 'pino'
import { otlpTransport } from 'pino-otlp'
import { type Given, pinoOptions } from './given.ts'

export default function setUp(given: Given): pino.Logger {
  const transport = otlpTransport({ endpoint: given.endpoint, closeOnSignals: given.prepared })
  return pino(pinoOptions(given), transport)
}
