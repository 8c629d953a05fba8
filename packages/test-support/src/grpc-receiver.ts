// An OTLP/gRPC receiver for tests: a real @grpc/grpc-js server on 127.0.0.1, in the manner of receiver.ts. It keeps every call,
// judges it by the official schema and answers what a script says.
// A record is in `records` once its call was answered with OK, and nowhere twice: delivered = records.length.
// Connections can be counted, cut and reset: the server stands behind a relay of raw TCP, which TLS passes as it is.

import { setTimeout as delay } from 'node:timers/promises'
import {
  type handleUnaryCall,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { decodeRequest, type LogsMessage } from './decode.ts'
import { type GrpcAnswer, responseOf } from './grpc-answer.ts'
import { flattenRecords, type ReceivedRecord } from './record.ts'
import { Relay } from './relay.ts'
import { retryInfoStatus } from './retry-info.ts'
import { Waiters } from './waiters.ts'

/** Answers in order, of which the last repeats; or a function of the call and its number since the script was set. */
export type GrpcScript = GrpcAnswer | readonly GrpcAnswer[] | ((call: ReceivedCall, index: number) => GrpcAnswer)

export interface GrpcReceiverOptions {
  /** @default a port that the system assigns */
  port?: number
  /** @default OK for everything */
  answer?: GrpcScript
  /** Serves TLS; `ca` asks clients for a certificate, and refuses those without. */
  tls?: { key: string | Buffer; cert: string | Buffer; ca?: string | Buffer }
  /** Longer messages are refused with RESOURCE_EXHAUSTED, as @grpc/grpc-js and the Collector do. @default 4 MiB */
  maxMessageBytes?: number
  /** Asks clients to leave a connection that is so old, as servers behind a load balancer do. @default never */
  maxConnectionAgeMillis?: number
  /** Called with the records of each call that is answered with OK. */
  onAccepted?: (records: ReceivedRecord[], call: ReceivedCall) => void
}

/** One call whose message came in whole. */
export interface ReceivedCall {
  /** Its place in `GrpcReceiver.calls`. */
  index: number
  /** The metadata as sent; those that end in `-bin` as Buffers. */
  metadata: Record<string, (string | Buffer)[]>
  /** The request after decompression. */
  body: Buffer
  message: LogsMessage | undefined
  problems: string[]
  /** The connection it came by: 1 for the first that was accepted. */
  socket: number
  /** `performance.now()` when it had come in. */
  at: number
  /** The deadline that the client told, in milliseconds from then; Infinity without one. */
  deadlineMillis: number
  accepted: boolean
}

const SERVICE = 'opentelemetry.proto.collector.logs.v1.LogsService'
const DEFAULT_WAIT_MILLIS = 10_000

/** Starts a receiver, listening when the promise resolves. End it with `close()`. */
export async function startGrpcReceiver(options: GrpcReceiverOptions = {}): Promise<GrpcReceiver> {
  const receiver = new GrpcReceiver(options)
  await receiver.listen(options.port ?? 0)
  return receiver
}

export class GrpcReceiver {
  /** Every call whose message came in whole, in order of arrival. */
  readonly calls: ReceivedCall[] = []
  /** The records of calls that were answered with OK, in that order. */
  readonly records: ReceivedRecord[] = []
  /** The records of every readable call, whatever was answered. */
  readonly allRecords: ReceivedRecord[] = []
  openCalls = 0
  maxOpenCalls = 0

  readonly #options: GrpcReceiverOptions
  readonly #server: Server
  readonly #relay: Relay
  readonly #waiters = new Waiters(() => this.#summary())
  #answer: GrpcScript
  #answered = 0
  #closed: Promise<void> | undefined

  constructor(options: GrpcReceiverOptions) {
    this.#options = options
    this.#answer = options.answer ?? {}
    const { maxMessageBytes = 4 * 1024 * 1024, maxConnectionAgeMillis } = options
    this.#server = new Server({
      'grpc.max_receive_message_length': maxMessageBytes,
      ...(maxConnectionAgeMillis !== undefined && { 'grpc.max_connection_age_ms': maxConnectionAgeMillis }),
    })
    this.#relay = new Relay(() => this.#waiters.changed())
    const take: handleUnaryCall<Buffer, Buffer> = (call, callback) => this.#take(call, callback)
    this.#server.addService(DEFINITION, { Export: take })
  }

  /** http://127.0.0.1:PORT, or https. */
  get endpoint(): string {
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`
  }

  get port(): number {
    return this.#relay.port
  }

  /** How many connections were ever accepted. */
  get sockets(): number {
    return this.#relay.sockets
  }

  get openSockets(): number {
    return this.#relay.openSockets
  }

  /** How many bytes clients have sent: compressed, and with all that belongs to the connection. */
  get receivedBytes(): number {
    return this.#relay.receivedBytes
  }

  /** What is wrong with any call so far. A test of a well-behaved client expects `[]`. */
  get problems(): string[] {
    return this.calls.flatMap(({ index, problems }) => problems.map((problem) => `call ${index}: ${problem}`))
  }

  /** @internal Called once, by `startGrpcReceiver`. */
  async listen(port: number): Promise<void> {
    const inner = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', credentialsOf(this.#options.tls), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      )
    })
    await this.#relay.listen(port, inner)
  }

  /** Answers this way from the next call on; a script starts at its first answer. */
  setAnswer(answer: GrpcScript): void {
    this.#answer = answer
    this.#answered = 0
  }

  /** Ends every connection without a word. */
  cutSockets(): void {
    this.#relay.cut()
  }

  /** Resolves with the accepted records when there are at least `count`. */
  async waitForRecords(count: number, timeoutMillis: number = DEFAULT_WAIT_MILLIS): Promise<ReceivedRecord[]> {
    await this.waitFor(() => this.records.length >= count, timeoutMillis, `${count} records`)
    return [...this.records]
  }

  /** Resolves with the calls when there are at least `count`, answered or not. */
  async waitForCalls(count: number, timeoutMillis: number = DEFAULT_WAIT_MILLIS): Promise<ReceivedCall[]> {
    await this.waitFor(() => this.calls.length >= count, timeoutMillis, `${count} calls`)
    return [...this.calls]
  }

  /** Resolves when the predicate holds; it is asked at every change: a connection, a call, an answer, an end. */
  waitFor(
    predicate: (receiver: GrpcReceiver) => boolean,
    timeoutMillis: number = DEFAULT_WAIT_MILLIS,
    what = 'the predicate to hold',
  ): Promise<void> {
    return this.#waiters.wait(() => predicate(this), timeoutMillis, what)
  }

  /** Destroys every connection and frees the port. Waits of any kind are rejected. A second call waits on the first. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#server.forceShutdown()
    await this.#relay.close()
    this.#waiters.close()
  }

  #take(call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void {
    const received = toReceived(call, this.calls.length, this.#relay)
    this.calls.push(received)
    const records = received.message === undefined ? [] : flattenRecords(received.message, received.index)
    for (const record of records) this.allRecords.push(record)
    this.openCalls += 1
    this.maxOpenCalls = Math.max(this.maxOpenCalls, this.openCalls)
    this.#waiters.changed()
    void this.#reply(call, callback, received, records).finally(() => {
      this.openCalls -= 1
      this.#waiters.changed()
    })
  }

  async #reply(
    call: ServerUnaryCall<Buffer, Buffer>,
    callback: sendUnaryData<Buffer>,
    received: ReceivedCall,
    records: ReceivedRecord[],
  ): Promise<void> {
    const answer = this.#choose(received)
    const gone = new AbortController()
    call.on('cancelled', () => gone.abort())
    if (answer.hang) {
      await new Promise((resolve) => gone.signal.addEventListener('abort', resolve))
      return
    }
    if (answer.delayMillis !== undefined) {
      await delay(answer.delayMillis, undefined, { signal: gone.signal, ref: false }).catch(() => {})
    }
    if (gone.signal.aborted) return
    if (answer.reset) return this.#relay.reset(received.socket)
    const code = answer.code ?? (received.message === undefined ? 3 : 0)
    if (code !== 0) {
      const metadata = new Metadata()
      if (answer.retryDelayMillis !== undefined) {
        metadata.set('grpc-status-details-bin', retryInfoStatus(code, answer.details ?? '', answer.retryDelayMillis))
      }
      return callback({ code, details: answer.details ?? '', metadata })
    }
    received.accepted = true
    const rejected = answer.partialSuccess?.rejected ?? 0
    const accepted = records.slice(0, Math.max(0, records.length - rejected))
    for (const record of accepted) this.records.push(record)
    this.#options.onAccepted?.(accepted, received)
    callback(null, responseOf(answer))
  }

  #choose(call: ReceivedCall): GrpcAnswer {
    const script = this.#answer
    const index = this.#answered++
    if (typeof script === 'function') return script(call, index)
    if (!Array.isArray(script)) return script as GrpcAnswer
    return (script[Math.min(index, script.length - 1)] as GrpcAnswer | undefined) ?? {}
  }

  #summary(): string {
    const { records, allRecords, calls, problems } = this
    const first = problems.slice(0, 3).join('; ')
    return (
      `${records.length} records accepted of ${allRecords.length} received in ${calls.length} calls` +
      (problems.length === 0 ? '' : `, with ${problems.length} problems: ${first}`)
    )
  }
}

const asIs = (bytes: Buffer): Buffer => bytes
const DEFINITION: ServiceDefinition = {
  Export: {
    path: `/${SERVICE}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
}

function credentialsOf(tls: GrpcReceiverOptions['tls']): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure()
  const ca = tls.ca === undefined ? null : Buffer.from(tls.ca)
  const pair = { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }
  return ServerCredentials.createSsl(ca, [pair], ca !== null)
}

function toReceived(call: ServerUnaryCall<Buffer, Buffer>, index: number, relay: Relay): ReceivedCall {
  const at = performance.now()
  const { message, problems } = decodeRequest(call.request, 'protobuf')
  const metadata = Object.fromEntries(Object.keys(call.metadata.getMap()).map((key) => [key, call.metadata.get(key)]))
  const deadline = call.getDeadline()
  const deadlineMillis = (typeof deadline === 'number' ? deadline : deadline.getTime()) - Date.now()
  const socket = relay.numberOf(call.getPeer())
  return { index, metadata, body: call.request, message, problems, socket, at, deadlineMillis, accepted: false }
}
