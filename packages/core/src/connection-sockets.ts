// The sockets of one gRPC connection, which its package hides: neither does one that waits for an answer keep the process
// alive, nor does one remain that leads nowhere.
// They are found by an interface of the package that it does not document. Where that is missing, requests go all the same.

import { channel } from 'node:diagnostics_channel'
import type { GrpcCredentials, GrpcSocket } from './grpc-package.ts'

/** Tells each socket of a client when it is made. */
const MADE = channel('net.client.socket')
const CREATE = '_createSecureConnector'
/** As Node's agents for HTTP: routers forget a connection that is idle, and nobody would be told. */
const KEEP_ALIVE_MILLIS = 1000

export class ConnectionSockets {
  readonly #port: number
  /** Those that have been handed over to the connection. */
  readonly #open = new Set<GrpcSocket>()
  /** Those that may become ours. */
  readonly #connecting = new Set<GrpcSocket>()
  #isDestroyed = false

  constructor(port: number) {
    this.#port = port
  }

  /** @returns the same credentials: it is by them that the package connects */
  watch(credentials: GrpcCredentials): GrpcCredentials {
    const create = credentials[CREATE]
    if (create === undefined) return credentials
    credentials[CREATE] = (...args) => {
      const connector = create.apply(credentials, args)
      const { connect, waitForReady, connectionOptions } = connector
      // Node warns of an address where a name belongs.
      if (isAddress(connectionOptions?.servername)) connectionOptions!.servername = undefined
      connector.waitForReady = async () => {
        await waitForReady.call(connector)
        this.#awaitNext()
      }
      connector.connect = async (socket) => {
        this.#connecting.clear()
        this.#add(socket)
        socket.setKeepAlive(true, KEEP_ALIVE_MILLIS)
        const connected = await connect.call(connector, socket)
        this.#add(connected.socket)
        // The package would let a call under way keep the process alive.
        connected.socket.ref = () => connected.socket
        return connected
      }
      return connector
    }
    return credentials
  }

  destroy(): void {
    this.#isDestroyed = true
    for (const socket of this.#connecting) if (socket.connecting) socket.destroy()
    for (const socket of this.#open) socket.destroy()
  }

  /**
   * The package asks for a socket in the promises that come next. One to the same port that somebody else asks for just then
   * is ours, too, until one is connected; it could only be cut while it leads nowhere, as ours does.
   */
  #awaitNext(): void {
    const onMade = (message: unknown): void => {
      const { socket } = message as { socket: GrpcSocket }
      socket.once('connectionAttempt', (_address, port) => {
        if (port === this.#port) this.#connecting.add(socket)
      })
    }
    MADE.subscribe(onMade)
    process.nextTick(() => MADE.unsubscribe(onMade))
  }

  #add(socket: GrpcSocket): void {
    if (this.#isDestroyed) {
      socket.destroy()
      return
    }
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
  }
}

function isAddress(host: string | undefined): boolean {
  return host !== undefined && (host.includes(':') || /^\d+(?:\.\d+){3}$/.test(host))
}
