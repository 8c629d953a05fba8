import pino from 'pino'
import type { LokiOptions } from 'pino-loki'
import { exitAtSignal, type Given, pinoOptions } from './given.ts'

export default function setUp(given: Given): pino.Logger {
  exitAtSignal(given)
  const options: LokiOptions = { host: given.endpoint }
  return pino(pinoOptions(given), pino.transport({ target: 'pino-loki', options }))
}
