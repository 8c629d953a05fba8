import type { Logger } from 'winston'
import LokiTransport from 'winston-loki'
import { type Given, winstonLogger } from './given.ts'

export default function setUp(given: Given): Logger {
  // Prepared by default: `gracefulShutdown`. JSON, as its README's examples have it.
  return winstonLogger(given, new LokiTransport({ host: given.endpoint, json: true }))
}
