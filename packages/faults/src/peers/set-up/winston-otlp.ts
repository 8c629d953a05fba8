import type { Logger } from 'winston'
import { OtlpTransport } from 'winston-otlp'
import { type Given, winstonLogger } from './given.ts'

export default function setUp(given: Given): Logger {
  return winstonLogger(given, new OtlpTransport({ endpoint: given.endpoint, closeOnSignals: given.prepared }))
}
