// What a scenario gives to each of these files. Each makes a logger with one transport, as that transport's README shows
// it and with all defaults, so that nobody is tuned for the occasion, neither they nor we.
// They run in the app's process: see ../measure.ts.

import type { LoggerOptions } from 'pino'
import pino from 'pino'
import winston from 'winston'

export interface Given {
  endpoint: string
  /** Times as ISO 8601 text, as `pino.stdTimeFunctions.isoTime` and `winston.format.timestamp()` write them. */
  isoTime: boolean
  /** With what its documentation offers for SIGTERM. */
  prepared: boolean
}

/** For what runs in pino's worker, which pino closes at 'exit'; that it needs a handler is all there is to know. */
export function exitAtSignal({ prepared }: Given): void {
  if (prepared) process.on('SIGTERM', () => process.exit(0))
}

export function pinoOptions({ isoTime }: Given): LoggerOptions {
  return { base: null, ...(isoTime && { timestamp: pino.stdTimeFunctions.isoTime }) }
}

export function winstonLogger({ isoTime }: Given, transport: winston.transport): winston.Logger {
  const { combine, json, timestamp } = winston.format
  return winston.createLogger({ format: isoTime ? combine(timestamp(), json()) : json(), transports: [transport] })
}
