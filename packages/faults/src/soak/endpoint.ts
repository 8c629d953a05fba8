// The receiver of a round, at one port for all its lives: it strikes with a fault, and heals. What it accepts goes into
// the ledger, in doubt where the sender cannot have known.

import {
  type Answer,
  type ReceivedRecord,
  type ReceivedRequest,
  type Receiver,
  startReceiver,
} from '@otlp-logs/test-support'
import type { Answering, Fault } from './faults.ts'
import { type Ledger, now } from './ledger.ts'
import { isSteady } from './pulse.ts'

/** What was answered so shortly before a process died may not have been read. */
export const LAST_MILLIS = 250
const PORT_TRIES = 20

export class Endpoint {
  readonly ledger: Ledger
  /** What is wrong with requests. */
  readonly problems: string[] = []
  requests = 0
  readonly #timeoutMillis: number
  readonly #answers = new WeakMap<ReceivedRequest, Answer>()
  #receiver: Receiver | undefined
  #port = 0
  #thaw: (() => void) | undefined

  constructor(ledger: Ledger, timeoutMillis: number) {
    this.ledger = ledger
    this.#timeoutMillis = timeoutMillis
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async open(): Promise<void> {
    this.#receiver = await this.#listen()
    this.#port = this.#receiver.port
    this.#answer(() => ({}))
  }

  async strike({ answering = () => ({}), deed }: Fault): Promise<void> {
    if (deed === 'kill receiver') return this.close()
    if (deed !== 'freeze receiver') return this.#answer(answering)
    const thawed = new Promise<void>((resolve) => (this.#thaw = resolve))
    this.#answer(() => thawed.then(() => ({})))
  }

  async heal(): Promise<void> {
    if (this.#receiver === undefined) await this.open()
    this.#answer(() => ({}))
    this.#thaw?.()
    this.#thaw = undefined
  }

  async close(): Promise<void> {
    this.ledger.doubt(now() - LAST_MILLIS)
    const receiver = this.#receiver
    this.#receiver = undefined
    await receiver?.close()
  }

  #answer(answering: Answering | (() => Promise<Answer>)): void {
    let index = 0
    this.#receiver?.setAnswer(async (request) => {
      this.requests++
      for (const problem of request.problems) this.problems.push(`request ${this.requests}: ${problem}`)
      const answer = await answering(request, index++)
      this.#answers.set(request, answer)
      return answer
    })
  }

  async #listen(): Promise<Receiver> {
    for (let tries = 1; ; tries++) {
      try {
        return await startReceiver({
          port: this.#port,
          keep: false,
          onAccepted: (records, request) => this.#accept(records, request),
        })
      } catch (error) {
        // Some connection of this machine may have got the port in the meantime.
        if (tries >= PORT_TRIES) throw error
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  #accept(records: readonly ReceivedRecord[], request: ReceivedRequest): void {
    const { status = 200, reset, trickle } = this.#answers.get(request) ?? {}
    const isAnswered = status < 300 && reset !== 'before-answer'
    const millis = performance.now() - request.at
    const isSure = isAnswered && isSteady() && millis < this.#timeoutMillis / 2
    const answeredAt = now() + (trickle === undefined ? 0 : this.#timeoutMillis)
    this.ledger.add(records, { askedAt: now() - millis, answeredAt, isSure })
  }
}
