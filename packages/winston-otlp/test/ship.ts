// What the tests share: a receiver for each test file, and one way to get records into it.
// Black box: real winston, the built package, and at the other end a receiver that decodes by the official OTLP schema.
// After each test the receiver must have had nothing to complain about, and every transport must have counted right.

import { Writable } from 'node:stream'
import { type ReceivedRecord, type Receiver, startReceiver } from '@otlp-logs/test-support'
import winston from 'winston'
import { OtlpTransport, type OtlpTransportOptions, type Stats } from 'winston-otlp'

export const PROTOCOLS = ['http/protobuf', 'http/json'] as const

/** A logger with a method for each level of whatever set it has. */
export type Logger = Omit<winston.Logger, 'child'> &
  Record<string, winston.LeveledLogMethod> & { child(meta: object): Logger }

export interface Setup {
  /** winston's options, without transports. */
  logger?: winston.LoggerOptions
  /** Ours, without the endpoint. */
  transport?: OtlpTransportOptions
}

/** Leaves entries as they are, so that no format stumbles over what is in them. */
export const UNFORMATTED: winston.Logform.Format = winston.format((info) => info)()

/** A logger with the most usual format, json(). */
export function createLogger(options: winston.LoggerOptions): Logger {
  return winston.createLogger(options) as unknown as Logger
}

/** Gives out the receiver, and what ships to it. Call it once, at the top of a test file. */
export class Shipyard {
  receiver!: Receiver
  readonly #open: OtlpTransport[] = []
  #judged = 0

  constructor() {
    beforeAll(async () => {
      this.receiver = await startReceiver()
    })
    afterEach(async () => {
      const transports = this.#open.splice(0)
      await Promise.all(transports.map(ended))
      for (const transport of transports) expectConserved(transport.stats())
      const requests = this.receiver.requests.slice(this.#judged)
      this.#judged += requests.length
      this.receiver.setAnswer({})
      expect(requests.flatMap(({ problems }) => problems)).toEqual([])
    })
    afterAll(() => this.receiver.close())
  }

  /** A transport to the receiver, that is closed after the test. */
  open(options: OtlpTransportOptions = {}): OtlpTransport {
    const transport = new OtlpTransport({
      closeTimeoutMillis: 1000,
      diagnostics: 'none',
      endpoint: this.receiver.endpoint,
      ...options,
    })
    this.#open.push(transport)
    return transport
  }

  /** Logs with real winston, flushes, and gives the records that arrived. */
  async ship(log: (logger: Logger) => void, { logger = {}, transport }: Setup = {}): Promise<ReceivedRecord[]> {
    const opened = this.open(transport)
    return this.arrived(() => {
      log(createLogger({ ...logger, transports: [opened] }))
      return opened.flush()
    })
  }

  /** As `ship`, for one entry, which must become one record. */
  async one(log: (logger: Logger) => void, setup?: Setup): Promise<ReceivedRecord> {
    return only(await this.ship(log, setup))
  }

  /** Logs one entry with this field, and gives what came of it, as it was on the wire. */
  async value(value: unknown, transport: OtlpTransportOptions = {}): Promise<ReceivedRecord['bodyValue']> {
    const record = await this.one((log) => log['info']!('x', { value }), { logger: { format: UNFORMATTED }, transport })
    return record.attributeValues['value']
  }

  /** The records that arrive while `act` runs. */
  async arrived(act: () => Promise<unknown>): Promise<ReceivedRecord[]> {
    const before = this.receiver.records.length
    await act()
    return this.receiver.records.slice(before)
  }
}

export function only(records: ReceivedRecord[]): ReceivedRecord {
  expect(records).toHaveLength(1)
  return records[0]!
}

/** What arrived, as plain objects without surprises, bytes as arrays of numbers. */
export function plainly(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

/** A transport in the place of the console, and the lines that it was given. */
export function fakeStdout(): { stdout: winston.transport; lines: string[] } {
  const lines: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, callback) {
      lines.push(line.trimEnd())
      callback()
    },
  })
  return { stdout: new winston.transports.Stream({ stream }), lines }
}

/** Resolves when the transport has delivered, or given up. */
export function ended(transport: OtlpTransport): Promise<void> {
  return new Promise((resolve) => {
    if (transport.destroyed || transport.writableFinished) return resolve()
    transport.once('close', resolve)
    transport.destroy()
  })
}

/** Every record that came is somewhere. */
function expectConserved({ received, adopted, sent, filtered, dropped, waiting }: Stats): void {
  expect(sent + filtered + dropped.total + waiting.records).toBe(received + adopted)
}
