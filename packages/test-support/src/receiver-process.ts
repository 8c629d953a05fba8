// A receiver in a process of its own: it can be stopped (SIGSTOP), killed and started again on its port, takes no CPU from
// the test, and keeps no records, so that a million lines cost little. It only counts: see tally.ts.

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Answer } from './answer.ts'
import type { TallyCount } from './tally.ts'
import { Waiters } from './waiters.ts'

export interface ReceiverProcessOptions {
  /** @default a port that the system assigns */
  port?: number
  /** One answer, or answers in order of which the last repeats. @default success */
  answer?: Answer | readonly Answer[]
  /** Accepts so many requests a second and answers 429 to the others, in place of `answer`. */
  perSecond?: number
}

export interface ReceiverTally extends TallyCount {
  /** Answers by status; 'hang' and 'reset' for those without. */
  statuses: Record<string, number>
  requests: number
  /** `Date.now()` of each request. */
  requestTimes: number[]
  /** Milliseconds from the time in the record to its acceptance, of the first 100 000 accepted records. */
  latencies: number[]
  /** `Date.now()` of the first and of the last accepted request; 0 when there was none. */
  firstAt: number
  lastAt: number
  sockets: number
  openSockets: number
  openRequests: number
  maxOpenRequests: number
  brokenRequests: number
  rssMiB: number
}

/** @internal */
export type Command =
  | ({ what: 'answer' } & ReceiverProcessOptions)
  | { what: 'tally'; id: number; end: number; answer?: never; perSecond?: never }
  | { what: 'close'; answer?: never; perSecond?: never }
/** @internal */
export type Event =
  | { what: 'listening'; port: number }
  | { what: 'delivered'; delivered: number }
  | { what: 'tally'; id: number; tally: ReceiverTally; missing: number[] }

const DEFAULT_WAIT_MILLIS = 20_000

/** Starts a receiver process, listening when the promise resolves. End it with `close()`. */
export async function startReceiverProcess(options: ReceiverProcessOptions = {}): Promise<ReceiverProcess> {
  const receiver = new ReceiverProcess(options)
  await receiver.ready
  return receiver
}

export class ReceiverProcess {
  /** @internal */
  readonly ready: Promise<void>
  port = 0
  /** Distinct lines so far. */
  delivered = 0
  readonly #child: ChildProcess
  readonly #waiters = new Waiters(() => `${this.delivered} lines delivered`)
  readonly #answers = new Map<number, (event: Event & { what: 'tally' }) => void>()
  #id = 0

  constructor(options: ReceiverProcessOptions) {
    const file = join(typeof __dirname === 'string' ? __dirname : import.meta.dirname, 'tally-process.ts')
    this.#child = fork(file, [JSON.stringify({ what: 'answer', ...options })], {
      // Off by default before Node 22.18, and then with a warning.
      execArgv: ['--experimental-strip-types', '--no-warnings'],
      serialization: 'advanced',
    })
    this.ready = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('exit', (code) => reject(new Error(`The receiver's process ended with ${code}`)))
      this.#child.on('message', (event: Event) => {
        if (event.what === 'listening') {
          this.port = event.port
          resolve()
        } else if (event.what === 'delivered') {
          this.delivered = event.delivered
          this.#waiters.changed()
        } else {
          this.#answers.get(event.id)?.(event)
          this.#answers.delete(event.id)
        }
      })
    })
    process.once('exit', this.#kill)
  }

  /** http://127.0.0.1:PORT */
  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Answers this way from the next request on. */
  setAnswer(answer: Answer | readonly Answer[]): void {
    this.#child.send({ what: 'answer', answer })
  }

  /** Accepts so many requests a second from the next on, and answers 429 to the others. */
  setRateLimit(perSecond: number): void {
    this.#child.send({ what: 'answer', perSecond })
  }

  /** What has come so far. @param end lines below this number that have not come are `missing`, at most 20 of them */
  tally(end = 0): Promise<ReceiverTally & { missing: number[] }> {
    const id = ++this.#id
    return new Promise((resolve) => {
      this.#answers.set(id, ({ tally, missing }) => resolve({ ...tally, missing }))
      this.#child.send({ what: 'tally', id, end })
    })
  }

  /** Resolves when so many distinct lines have come. */
  waitForDelivered(count: number, timeoutMillis: number = DEFAULT_WAIT_MILLIS): Promise<void> {
    return this.#waiters.wait(() => this.delivered >= count, timeoutMillis, `${count} lines`)
  }

  /** SIGSTOP: sockets stay open, the system still takes connections, nobody answers. */
  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  /** SIGCONT. */
  continue(): void {
    this.#child.kill('SIGCONT')
  }

  /** Ends the process, as a crash does. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) resolve()
      else this.#child.once('exit', () => resolve())
    })
    this.#kill()
    process.off('exit', this.#kill)
    this.#waiters.close()
    return closed
  }

  #kill = (): void => void this.#child.kill('SIGKILL')
}
