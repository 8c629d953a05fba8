import pino from 'pino'
import type { Options } from 'pino-opentelemetry-transport'
import { exitAtSignal, type Given, pinoOptions } from './given.ts'

export default function setUp(given: Given): pino.Logger {
  exitAtSignal(given)
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = given.endpoint
  const options: Partial<Options> = {}
  return pino(pinoOptions(given), pino.transport({ target: 'pino-opentelemetry-transport', options }))
}
