// What otlpTransport asks of its worker and awaits: a flush, or the end. Each has its answer, also from a worker that is stuck,
// or gone.

import type { MessagePort } from 'node:worker_threads'
import type { FlushResult } from 'otlp-logs-core'
import type { Request } from './worker.ts'

/** Beyond its time, a worker that has not answered is stuck. */
const STUCK_MILLIS = 1000
const MAX_TIMER_MILLIS = 2 ** 31 - 1

export const NOTHING_WAITS: FlushResult = { complete: true, waiting: 0 }

export class WorkerRequests {
  readonly #pending = new Map<number, (result: FlushResult) => void>()
  #port: MessagePort | undefined
  #lastId = 0

  /** A worker has started. */
  connect(port: MessagePort): void {
    this.#port = port
    port.on('message', ({ id, result }: { id: number; result: FlushResult }) => this.#answered(id, result))
    port.unref()
  }

  /** It is gone, and nothing waits in it any more. */
  disconnect(): void {
    this.#port?.close()
    this.#port = undefined
    for (const id of this.#pending.keys()) this.#answered(id, NOTHING_WAITS)
  }

  /**
   * @param received records that the worker must have got before it begins
   * @param timeoutMillis that the worker has; 0 is no limit for a flush, and no time at all for the end
   * @param late the result where the worker does not answer
   */
  ask(what: Request['what'], received: number, timeoutMillis: number, late: () => FlushResult): Promise<FlushResult> {
    const port = this.#port
    if (port === undefined) return Promise.resolve(NOTHING_WAITS)
    const request: Request = { id: ++this.#lastId, what, received }
    const isEndless = timeoutMillis === 0 && what === 'flush'
    return new Promise((resolve) => {
      // The worker keeps the time. This is for one that is stuck, and keeps the app alive while it awaits the answer.
      const timer = setTimeout(
        () => this.#answered(request.id, late()),
        isEndless ? MAX_TIMER_MILLIS : timeoutMillis + STUCK_MILLIS,
      )
      this.#pending.set(request.id, (result) => {
        clearTimeout(timer)
        resolve(result)
      })
      port.postMessage(request)
    })
  }

  #answered(id: number, result: FlushResult): void {
    const resolve = this.#pending.get(id)
    this.#pending.delete(id)
    resolve?.(result)
  }
}
