// TCP connections, passed on as they are to a port of this machine, and so counted, cut and reset where the server behind
// cannot do it.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

interface Connection {
  number: number
  client: Socket
  server: Socket
}

export class Relay {
  /** How many connections were ever accepted. */
  sockets = 0
  /** How many bytes clients have sent. */
  receivedBytes = 0
  readonly #open = new Set<Connection>()
  /** By the port that the server behind sees. */
  readonly #numbers = new Map<number, number>()
  readonly #server = createServer((client) => this.#accept(client))
  readonly #onChange: () => void
  #target = 0
  #port = 0

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get port(): number {
    return this.#port
  }

  get openSockets(): number {
    return this.#open.size
  }

  /** Passes on to `target`. */
  async listen(port: number, target: number): Promise<void> {
    this.#target = target
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** The number of a connection, from 1, by the peer that the server behind sees: `127.0.0.1:PORT`. */
  numberOf(peer: string): number {
    return this.#numbers.get(Number(peer.split(':').at(-1))) ?? 0
  }

  /** Sends a TCP reset to the client of this connection. */
  reset(number: number): void {
    for (const { number: one, client } of this.#open) if (one === number) client.resetAndDestroy()
  }

  cut(): void {
    for (const { client, server } of this.#open) {
      client.destroy()
      server.destroy()
    }
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.cut()
    })
  }

  #accept(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1')
    const connection = { number: ++this.sockets, client, server }
    this.#open.add(connection)
    client.on('data', (chunk) => (this.receivedBytes += chunk.length))
    server.on('connect', () => this.#numbers.set(server.localPort ?? 0, connection.number))
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.setNoDelay()
      one.on('error', () => {})
      one.on('close', () => {
        other.destroy()
        if (this.#open.delete(connection)) this.#onChange()
      })
      one.pipe(other)
    }
    this.#onChange()
  }
}
