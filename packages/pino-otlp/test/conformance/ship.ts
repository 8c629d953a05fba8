// What the conformance tests share: a receiver for each test file, and one way to get records into it.
// Black box: real pino, the built packages, and at the other end a receiver that decodes by the official OTLP schema. After
// each test the receiver must have had nothing to complain about.

import { createPipeline, type LogRecord, resolveOptions } from 'otlp-logs-core'
import { type ReceivedRecord, type Receiver, startReceiver } from '@otlp-logs/test-support'
import pino from 'pino'
import { type OtlpOptions, otlpStream, otlpTransport } from 'pino-otlp'

/** The two ways from a logger: through a worker, or on the app's own thread. */
export const MODES = ['otlpTransport', 'otlpStream'] as const
export const PROTOCOLS = ['http/protobuf', 'http/json'] as const
export type Mode = (typeof MODES)[number]
export type Protocol = (typeof PROTOCOLS)[number]
/** Every mode with every protocol, for `describe.each`. */
export const WAYS: readonly (readonly [Mode, Protocol])[] = MODES.flatMap((mode) =>
  PROTOCOLS.map((protocol) => [mode, protocol] as const),
)

export interface Setup {
  /** pino's options. */
  logger?: pino.LoggerOptions<string>
  /** Ours, without the endpoint. */
  transport?: OtlpOptions
}

type Transport = ReturnType<typeof otlpTransport> | ReturnType<typeof otlpStream>

/** Gives out the receiver, and what ships to it. Call it once, at the top of a test file. */
export class Shipyard {
  receiver!: Receiver
  readonly #own: Transport[] = []
  readonly #shared = new Map<string, Transport>()
  #judged = 0

  constructor() {
    beforeAll(async () => {
      this.receiver = await startReceiver()
    })
    afterEach(async () => {
      await Promise.all(this.#own.splice(0).map((transport) => transport.close()))
      const requests = this.receiver.requests.slice(this.#judged)
      this.#judged += requests.length
      expect(requests.flatMap(({ problems }) => problems)).toEqual([])
    })
    afterAll(async () => {
      await Promise.all([...this.#shared.values()].map((transport) => transport.close()))
      await this.receiver.close()
    })
  }

  /** Logs with real pino, flushes, and gives the records that arrived. */
  async ship(mode: Mode, log: (logger: pino.Logger<string>) => void, setup: Setup = {}): Promise<ReceivedRecord[]> {
    const transport = this.open(mode, setup)
    return this.arrived(() => {
      log(pino(setup.logger ?? {}, transport))
      return transport.flush()
    })
  }

  /** As `ship`, for one line, which must become one record. */
  async one(mode: Mode, log: (logger: pino.Logger<string>) => void, setup?: Setup): Promise<ReceivedRecord> {
    return only(await this.ship(mode, log, setup))
  }

  /** Writes text as it is, as a logger with hooks of its own, or a pipe, might. */
  async write(mode: Mode, text: string, setup: Setup = {}): Promise<ReceivedRecord[]> {
    const transport = this.open(mode, setup)
    return this.arrived(() => {
      transport.write(text)
      return transport.flush()
    })
  }

  /** Emits records without a logger, for values that no line of JSON can carry. */
  async emit(protocol: Protocol, records: Partial<LogRecord>[], options: OtlpOptions = {}): Promise<ReceivedRecord[]> {
    const { settings, warnings } = resolveOptions({ ...options, protocol, endpoint: this.receiver.endpoint })
    const pipeline = createPipeline(settings, warnings, { package: { name: 'emitter' }, inProcess: false })
    return this.arrived(() => {
      for (const record of records) {
        pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 0, attributes: {}, ...record })
      }
      return pipeline.shutdown()
    })
  }

  /** Emits one record with this attribute, and gives what came of it, as it was on the wire. */
  async value(protocol: Protocol, value: unknown, options?: OtlpOptions): Promise<ReceivedRecord['bodyValue']> {
    const record = only(await this.emit(protocol, [{ attributes: { value } }], options))
    return record.attributeValues['value']
  }

  /** A worker takes a moment to start, so that loggers share one, unless they have options of their own to tell it. */
  open(mode: Mode, { logger, transport: options = {} }: Setup = {}): Transport {
    const make = mode === 'otlpTransport' ? otlpTransport : otlpStream
    const key = JSON.stringify([mode, options])
    const known = logger === undefined ? this.#shared.get(key) : undefined
    if (known !== undefined) return known
    const transport = make({ ...options, endpoint: this.receiver.endpoint })
    if (logger === undefined) this.#shared.set(key, transport)
    else this.#own.push(transport)
    return transport
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
