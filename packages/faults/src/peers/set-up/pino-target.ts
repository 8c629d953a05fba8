import pino from 'pino'
import type { OtlpOptions } from 'pino-otlp'
import { exitAtSignal, type Given, pinoOptions } from './given.ts'

export default function setUp(given: Given): pino.Logger {
  exitAtSignal(given)
  const options: OtlpOptions = { endpoint: given.endpoint }
  return pino(pinoOptions(given), pino.transport({ target: 'pino-otlp', options }))
}
