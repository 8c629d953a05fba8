// The receiver, seen from the benchmark.

import { setTimeout as pause } from 'node:timers/promises'
import { Process } from '../measure/process.ts'

export interface ReceiverCommand {
  id: number
  /** Answers with this status from now on; with all but 200 it counts nothing. */
  status?: number
  /** Which numbers to count for `within`. */
  first?: number
  count?: number
}

export interface Received {
  /** Distinct lines so far. */
  distinct: number
  duplicates: number
  /** Of the lines that were asked for, those that have come. */
  within: number
  requests: number
  /** Bytes of the bodies as they came. */
  wireBytes: number
  /** `Date.now()` of the last accepted request. */
  lastAt: number
}

export type ReceiverReply = { port: number } | ({ id: number } & Received)

/** The lines of one measurement. */
export interface Lines {
  first: number
  count: number
}

/** Each time the receiver looks a million lines through in a millisecond. */
const POLL_MILLIS = 50

export class Receiver {
  readonly #process: Process<{ port: number }>
  readonly port: number
  readonly endpoint: string

  private constructor(process: Process<{ port: number }>, port: number) {
    this.#process = process
    this.port = port
    this.endpoint = `http://127.0.0.1:${port}`
  }

  static async start(): Promise<Receiver> {
    const process = new Process<{ port: number }>('receiver/receiver.ts')
    const { port } = await process.ready
    return new Receiver(process, port)
  }

  received(lines?: Lines): Promise<Received> {
    return this.#process.ask<Received>({ ...lines })
  }

  async answerWith(status: number): Promise<void> {
    await this.#process.ask({ status })
  }

  /** Waits until all of these lines have come, or until no more come for so long; and says what came of them. */
  async settled(lines: Lines, quietMillis: number): Promise<Received> {
    let received = await this.received(lines)
    let since = performance.now()
    while (received.within < lines.count && performance.now() - since < quietMillis) {
      await pause(POLL_MILLIS)
      const { within } = received
      received = await this.received(lines)
      if (received.within !== within) since = performance.now()
    }
    return received
  }

  end(): Promise<void> {
    return this.#process.end()
  }
}
