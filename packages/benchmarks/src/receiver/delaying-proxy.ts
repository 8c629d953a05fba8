// The proxy, seen from the benchmark.

import { Process } from '../measure/process.ts'

export class DelayingProxy {
  readonly endpoint: string
  readonly #process: Process<{ port: number }>

  private constructor(process: Process<{ port: number }>, port: number) {
    this.#process = process
    this.endpoint = `http://127.0.0.1:${port}`
  }

  /** @param port where it forwards to */
  static async start(port: number, roundTripMillis: number): Promise<DelayingProxy> {
    const process = new Process<{ port: number }>('receiver/proxy.ts', {
      args: [String(port), String(roundTripMillis)],
    })
    return new DelayingProxy(process, (await process.ready).port)
  }

  end(): Promise<void> {
    return this.#process.end()
  }
}
