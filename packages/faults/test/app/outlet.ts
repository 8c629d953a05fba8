// A real logger in one of the four modes, in this process, and a receiver that judges by the official schema: for rows about
// what is logged. Between the payloads stand numbered lines, their neighbours, which must arrive unharmed and in order.

import {
  LOGGING_MODES,
  type LoggingMode,
  type ReceivedRecord,
  startReceiver,
  Tally,
  textOf,
} from '@otlp-logs/test-support'
import pino from 'pino'
import { type OtlpOptions, otlpStream, otlpTransport, type Stats } from 'pino-otlp'
import winston from 'winston'
import { OtlpTransport } from 'winston-otlp'

/** Those of pino, which can be given any text or bytes as a line. */
export const PINO_MODES: readonly LoggingMode[] = LOGGING_MODES.filter((mode) => mode !== 'winston')

export interface Outlet {
  log(fields: object, message?: string): void
  /** Writes what no logger has made. Not for winston, which has no lines. */
  write(chunk: string | Uint8Array): void
  /** Logs a numbered line. */
  neighbour(): void
}

export interface Shipment {
  /** What arrived, without the neighbours, in order. */
  payloads: ReceivedRecord[]
  /** Undefined for the plain target, which has none. */
  stats: Stats | undefined
}

interface Open {
  log: Outlet['log']
  write: Outlet['write']
  /** Delivers all, and ends. */
  close(): Promise<unknown>
  stats(): Stats | undefined
}

/** Logs, closes, and gives what arrived. Fails when the receiver has anything to complain about, or a neighbour is harmed. */
export async function ship(
  mode: LoggingMode,
  log: (outlet: Outlet) => void,
  options: OtlpOptions = {},
): Promise<Shipment> {
  const receiver = await startReceiver()
  try {
    const outlet = open(mode, { endpoint: receiver.endpoint, closeTimeoutMillis: 9000, ...options })
    let neighbours = 0
    const neighbour = (): void => {
      const seq = neighbours++
      outlet.log({ seq, text: textOf(seq, 100) }, 'neighbour')
    }
    log({ log: outlet.log, write: outlet.write, neighbour })
    await outlet.close()
    const tally = new Tally()
    tally.add(receiver.records.filter(isNeighbour))
    expect(receiver.problems).toEqual([])
    expect(tally.count).toMatchObject({ delivered: neighbours, duplicates: 0, mismatches: 0, disordered: 0 })
    return { payloads: receiver.records.filter((record) => !isNeighbour(record)), stats: outlet.stats() }
  } finally {
    await receiver.close()
  }
}

/** What arrived, as plain objects without surprises. */
export function plainly(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

function isNeighbour({ body }: ReceivedRecord): boolean {
  return body === 'neighbour'
}

function open(mode: LoggingMode, options: OtlpOptions): Open {
  if (mode === 'winston') return openWinston(options)
  if (mode === 'pino target') {
    const thread = pino.transport({ target: 'pino-otlp', options })
    const close = async (): Promise<void> => {
      // `end` blocks this thread, and so the receiver, until the worker is closed: nothing must be left to deliver.
      await new Promise((resolve) => thread.flush(resolve))
      const closed = new Promise((resolve) => thread.once('close', resolve))
      thread.end()
      await closed
    }
    return openPino(thread, { close, stats: () => undefined })
  }
  const transport = mode === 'otlpTransport' ? otlpTransport(options) : otlpStream(options)
  return openPino(transport, { close: () => transport.close(), stats: () => transport.stats() })
}

function openPino(stream: { write(chunk: never): unknown }, { close, stats }: Pick<Open, 'close' | 'stats'>): Open {
  const logger = pino({ base: null }, stream as pino.DestinationStream)
  return {
    log: (fields, message) => logger.info(fields, message),
    write: (chunk) => void stream.write(chunk as never),
    close,
    stats,
  }
}

function openWinston(options: OtlpOptions): Open {
  const transport = new OtlpTransport(options)
  // Leaves entries as they are, so that no format stumbles over what is in them.
  const logger = winston.createLogger({ format: winston.format((info) => info)(), transports: [transport] })
  return {
    log: (fields, message) => void logger.info(message as string, fields),
    write() {
      throw new Error('winston has no lines')
    },
    close: () => new Promise((resolve) => transport.once('finish', resolve).end()),
    stats: () => transport.stats(),
  }
}
