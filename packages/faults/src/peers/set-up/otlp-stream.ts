import pino from 'pino'
import { otlpStream } from 'pino-otlp'
import { type Given, pinoOptions } from './given.ts'

export default function setUp(given: Given): pino.Logger {
  return pino(pinoOptions(given), otlpStream({ endpoint: given.endpoint, closeOnSignals: given.prepared }))
}
