// Loki's push endpoint, as far as pino-loki and winston-loki need it: JSON only. What the lines say is counted by the same
// Tally as OTLP records. As Loki does, it refuses a request (400) with a time that is no whole number of nanoseconds.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Answer, Tally, type TalliedRecord, type TallyCount } from '@otlp-logs/test-support'

const PATH = '/loki/api/v1/push'

interface Push {
  streams: { values: [time: string, line: string, metadata?: object][] }[]
}

export class LokiReceiver {
  /** `Date.now()` of the last accepted request. */
  lastAt = 0
  readonly #tally = new Tally()
  readonly #server: Server
  #answers: readonly Answer[]
  #delivered: (() => void)[] = []

  private constructor(answer: Answer | readonly Answer[]) {
    this.#answers = [answer].flat()
    this.#server = createServer((request, response) => void this.#take(request, response))
  }

  /** @param answer one, or some in order, of which the last repeats */
  static async start(answer: Answer | readonly Answer[]): Promise<LokiReceiver> {
    const receiver = new LokiReceiver(answer)
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  setAnswer(answer: Answer): void {
    this.#answers = [answer]
  }

  async tally(): Promise<TallyCount & { lastAt: number }> {
    return { ...this.#tally.count, lastAt: this.lastAt }
  }

  /** Rejects when so many distinct lines have not come in time. */
  waitForDelivered(count: number, timeoutMillis: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${count} lines have not come`)), timeoutMillis)
      const check = (): void => {
        if (this.#tally.count.delivered < count) return
        clearTimeout(timer)
        resolve()
      }
      this.#delivered.push(check)
      check()
    })
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    return closed
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    } catch {
      // The app ended while it sent.
      return
    }
    const [{ status = 204, headers = {}, hang } = {}, ...later] = this.#answers
    if (later.length > 0) this.#answers = later
    if (hang) return
    const lines = status < 300 && request.url === PATH ? linesOf(Buffer.concat(chunks).toString()) : undefined
    if (lines !== undefined) {
      this.#tally.add(lines)
      this.lastAt = Date.now()
      for (const check of this.#delivered) check()
    }
    const refused = status < 300 && lines === undefined
    response.writeHead(refused ? 400 : status, headers).end()
  }
}

/** `undefined` for what Loki would not take. */
function linesOf(body: string): TalliedRecord[] | undefined {
  try {
    const { streams } = JSON.parse(body) as Push
    const values = streams.flatMap((stream) => stream.values)
    if (!values.every(([time]) => /^-?\d+$/.test(time))) return undefined
    // winston-loki writes the message in front of the fields.
    return values.map(([, line]) => ({ eventName: '', attributes: JSON.parse(line.slice(line.indexOf('{'))) as never }))
  } catch {
    return undefined
  }
}
