// A forward proxy for tests: a real one on 127.0.0.1, which tunnels what it is asked to CONNECT to, and passes on what is not
// encrypted. Wherever it is asked to go, it goes to one port of this machine, so that names need not resolve.

import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export interface ProxyOptions {
  /** Where everything goes, on 127.0.0.1. */
  to: number
  /** @default a port that the system assigns */
  port?: number
  /** Asks for these, as `user:password`, and repeats wrong ones in its refusal. */
  credentials?: string
  /** Answers a CONNECT together with the first bytes of the server, which begins to speak. */
  withFirstBytes?: boolean
}

/** Starts a proxy, listening when the promise resolves. End it with `close()`. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const proxy = new Proxy(options)
  await proxy.listen(options.port ?? 0)
  return proxy
}

export class Proxy {
  /** What it was asked for: `CONNECT host:port`, or `POST http://host:port/path`. */
  readonly asked: string[] = []
  /** The headers of those. */
  readonly headers: IncomingMessage['headers'][] = []
  readonly #options: ProxyOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(options: ProxyOptions) {
    this.#options = options
    this.#server = createServer((incoming, outgoing) => {
      if (!this.#isWelcome(incoming))
        return void outgoing.writeHead(407, { 'content-type': 'text/plain' }).end(refusalOf(incoming))
      const { method, headers } = incoming
      const { pathname } = new URL(incoming.url!)
      const passed = request({ port: options.to, path: pathname, method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(outgoing)
      })
      passed.on('error', () => outgoing.destroy())
      incoming.pipe(passed)
    })
    this.#server.on('connect', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
      this.#keep(socket)
      if (!this.#isWelcome(incoming)) return void socket.end(`HTTP/1.1 407 ${refusalOf(incoming)}\r\n\r\n`)
      const onward = this.#keep(connect(options.to, '127.0.0.1'))
      onward.once('connect', () => {
        onward.write(head)
        const tunnel = (first = ''): void => {
          socket.write(`HTTP/1.1 200 Connection Established\r\n\r\n${first}`, 'latin1')
          socket.pipe(onward).pipe(socket)
        }
        if (options.withFirstBytes) onward.once('data', (first: Buffer) => tunnel(first.toString('latin1')))
        else tunnel()
      })
    })
  }

  /** http://127.0.0.1:PORT, with credentials where it asks for them. */
  get url(): string {
    const { credentials } = this.#options
    return `http://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${this.port}`
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** @internal Called once, by `startProxy`. */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    this.#server.closeAllConnections()
    await closed
  }

  #isWelcome({ method, url, headers }: IncomingMessage): boolean {
    this.asked.push(`${method} ${url}`)
    this.headers.push(headers)
    const { credentials } = this.#options
    const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    return expected === undefined || headers['proxy-authorization'] === expected
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    return socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket))
  }
}

function refusalOf({ headers }: IncomingMessage): string {
  return `I do not know ${headers['proxy-authorization']}`
}
