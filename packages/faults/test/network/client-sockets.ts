// The sockets that this process opens as a client, seen from this side: a server that is frozen cannot count them.

import { channel } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

export class ClientSockets {
  opened = 0
  open = 0
  mostOpen = 0
  readonly #channel = channel('net.client.socket')
  readonly #count = (message: unknown): void => {
    this.opened++
    this.open++
    this.mostOpen = Math.max(this.mostOpen, this.open)
    ;(message as { socket: Socket }).socket.once('close', () => this.open--)
  }

  constructor() {
    this.#channel.subscribe(this.#count)
  }

  close(): void {
    this.#channel.unsubscribe(this.#count)
  }
}
