// An OTLP/HTTP receiver for tests: a real node:http or node:https server on 127.0.0.1, which keeps everything that it was
// sent, judges it by the official schema and answers what a script says. One receiver per test; nothing is shared.
// A record is in `records` once its request was answered with success, and nowhere twice: delivered = records.length.
// Tests wait on the events themselves (`waitForRecords`, `waitFor`), never on time.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type Answer, chooseAnswer, giveAnswer, type Script } from './answer.ts'
import { flattenRecords, type ReceivedRecord } from './record.ts'
import { type ReceivedRequest, readRequest } from './request.ts'
import { Waiters } from './waiters.ts'

export interface ReceiverOptions {
  /** @default a port that the system assigns */
  port?: number
  /** @default success for everything */
  answer?: Answer | Script
  /** Any other path is answered with 404 and is a problem. @default '/v1/logs' */
  path?: string
  /** Serves https; `ca` asks clients for a certificate. */
  tls?: { key: string | Buffer; cert: string | Buffer; ca?: string | Buffer }
  /** Closes idle connections after so long. @default Node's, 5 s */
  keepAliveMillis?: number
  /** Called with the records of each request that is answered with success. */
  onAccepted?: (records: ReceivedRecord[], request: ReceivedRequest) => void
  /** Whether requests and records are kept; without them, millions of records cost no memory. @default true */
  keep?: boolean
}

const DEFAULT_WAIT_MILLIS = 10_000

/** Starts a receiver, listening when the promise resolves. End it with `close()`. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = new Receiver(options)
  await receiver.listen(options.port ?? 0)
  return receiver
}

export class Receiver {
  /** Every request whose body came in whole, in order of arrival. */
  readonly requests: ReceivedRequest[] = []
  /** The records of requests that were answered with success, in that order. */
  readonly records: ReceivedRecord[] = []
  /** The records of every readable request, whatever was answered. */
  readonly allRecords: ReceivedRecord[] = []
  /** How many connections were ever accepted. */
  sockets = 0
  /** Requests that have begun and are not answered. */
  openRequests = 0
  maxOpenRequests = 0
  /** Requests that broke off before their body was complete. */
  brokenRequests = 0

  readonly #server: Server | TlsServer
  readonly #scheme: string
  readonly #path: string
  /** By the client's port: under TLS, a request's socket is not the one that was accepted. */
  readonly #open = new Map<number, { socket: Socket; number: number }>()
  readonly #waiters = new Waiters(() => this.#summary())
  readonly #onAccepted: ReceiverOptions['onAccepted']
  readonly #keep: boolean
  #arrived = 0
  #answer: Answer | Script
  #answered = 0
  #port = 0
  #closed: Promise<void> | undefined

  constructor({ answer = {}, path = '/v1/logs', tls, keepAliveMillis, onAccepted, keep = true }: ReceiverOptions) {
    this.#onAccepted = onAccepted
    this.#keep = keep
    this.#answer = answer
    this.#path = path
    this.#scheme = tls ? 'https' : 'http'
    const listener = (incoming: IncomingMessage, response: ServerResponse): void => this.#take(incoming, response)
    this.#server = tls
      ? createTlsServer({ ...tls, requestCert: tls.ca !== undefined }, listener)
      : createServer(listener)
    if (keepAliveMillis !== undefined) this.#server.keepAliveTimeout = keepAliveMillis
    this.#server.on('connection', (socket: Socket) => this.#connect(socket))
  }

  /** http://127.0.0.1:PORT */
  get endpoint(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`
  }

  /** The endpoint with the path. */
  get url(): string {
    return this.endpoint + this.#path
  }

  get port(): number {
    return this.#port
  }

  get openSockets(): number {
    return this.#open.size
  }

  /** What is wrong with any request so far. A test of a well-behaved client expects `[]`. */
  get problems(): string[] {
    return this.requests.flatMap(({ index, problems }) => problems.map((problem) => `request ${index}: ${problem}`))
  }

  /** @internal Called once, by `startReceiver`. */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Answers this way from the next request on; a script starts at its first answer. */
  setAnswer(answer: Answer | Script): void {
    this.#answer = answer
    this.#answered = 0
  }

  /** Serves another certificate to connections from now on. */
  setTls(tls: { key: string | Buffer; cert: string | Buffer }): void {
    ;(this.#server as TlsServer).setSecureContext(tls)
  }

  /** Closes the connections on which no request is open. */
  closeIdleSockets(): void {
    this.#server.closeIdleConnections()
  }

  /** Resolves with the accepted records when there are at least `count`. */
  async waitForRecords(count: number, timeoutMillis: number = DEFAULT_WAIT_MILLIS): Promise<ReceivedRecord[]> {
    await this.waitFor(() => this.records.length >= count, timeoutMillis, `${count} records`)
    return [...this.records]
  }

  /** Resolves with the requests when there are at least `count`, answered or not. */
  async waitForRequests(count: number, timeoutMillis: number = DEFAULT_WAIT_MILLIS): Promise<ReceivedRequest[]> {
    await this.waitFor(() => this.requests.length >= count, timeoutMillis, `${count} requests`)
    return [...this.requests]
  }

  /** Resolves when the predicate holds; it is asked at every change: a connection, a request, an answer, an end. */
  waitFor(
    predicate: (receiver: Receiver) => boolean,
    timeoutMillis: number = DEFAULT_WAIT_MILLIS,
    what = 'the predicate to hold',
  ): Promise<void> {
    return this.#waiters.wait(() => predicate(this), timeoutMillis, what)
  }

  /** Destroys every connection and frees the port. Waits of any kind are rejected. A second call waits on the first. */
  close(): Promise<void> {
    this.#closed ??= new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
      for (const { socket } of this.#open.values()) socket.destroy()
      this.#server.closeAllConnections()
      this.#waiters.close()
    })
    return this.#closed
  }

  #connect(socket: Socket): void {
    const clientPort = socket.remotePort ?? 0
    const connection = { socket, number: ++this.sockets }
    this.#open.set(clientPort, connection)
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.#open.get(clientPort) === connection) this.#open.delete(clientPort)
      this.#waiters.changed()
    })
    this.#waiters.changed()
  }

  #take(incoming: IncomingMessage, response: ServerResponse): void {
    const at = performance.now()
    const connection = this.#open.get(incoming.socket.remotePort ?? 0)
    const chunks: Buffer[] = []
    this.openRequests += 1
    this.maxOpenRequests = Math.max(this.maxOpenRequests, this.openRequests)
    response.on('error', () => {})
    response.once('close', () => {
      this.openRequests -= 1
      if (!incoming.complete) this.brokenRequests += 1
      this.#waiters.changed()
    })
    incoming.on('error', () => {})
    this.#waiters.changed()
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const arrival = { index: this.#arrived++, socket: connection?.number ?? 0, at, expectedPath: this.#path }
      const request = readRequest(incoming, Buffer.concat(chunks), arrival)
      const records = request.message === undefined ? [] : flattenRecords(request.message, request.index)
      if (this.#keep) {
        this.requests.push(request)
        // Not spread into one push: a request may carry more records than a call has room for.
        for (const record of records) this.allRecords.push(record)
      }
      this.#waiters.changed()
      void this.#reply(request, records, response, connection?.socket)
    })
  }

  async #reply(
    request: ReceivedRequest,
    records: ReceivedRecord[],
    response: ServerResponse,
    socket: Socket | undefined,
  ): Promise<void> {
    const accept = ({ partialSuccess }: Answer): void => {
      request.accepted = true
      const kept = Math.max(0, records.length - Number(partialSuccess?.rejected ?? 0))
      const accepted = records.slice(0, kept)
      if (this.#keep) for (const record of accepted) this.records.push(record)
      this.#onAccepted?.(accepted, request)
      this.#waiters.changed()
    }
    const reset = (): void => {
      if (this.#scheme === 'http') socket?.resetAndDestroy()
      else socket?.destroy()
    }
    try {
      const known = request.path === this.#path
      const answer = known ? await chooseAnswer(this.#answer, request, this.#answered++) : { status: 404 }
      await giveAnswer(answer, request, response, { accept, reset })
    } catch (error) {
      request.problems.push(`the script failed: ${(error as Error).message}`)
      response.destroy()
    }
    this.#waiters.changed()
  }

  #summary(): string {
    const { records, allRecords, requests, problems } = this
    const first = problems.slice(0, 3).join('; ')
    return (
      `${records.length} records accepted of ${allRecords.length} received in ${requests.length} requests` +
      (problems.length === 0 ? '' : `, with ${problems.length} problems: ${first}`)
    )
  }
}
