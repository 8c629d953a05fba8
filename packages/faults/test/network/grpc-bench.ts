// The bench over gRPC: a real @grpc/grpc-js server that answers by a script, which sees each call as it comes.

import {
  type GrpcAnswer,
  type GrpcReceiver,
  type GrpcReceiverOptions,
  type ReceivedCall,
  startGrpcReceiver,
} from '@otlp-logs/test-support'
import type { OtlpOptions } from 'otlp-logs-core'
import { Bench, closing } from './bench.ts'

export interface GrpcAsked {
  /** On the test's clock. */
  at: number
  call: ReceivedCall
  seqs: number[]
}

export type GrpcScript = GrpcAnswer | readonly GrpcAnswer[] | ((asked: GrpcAsked, index: number) => GrpcAnswer)

export class GrpcBench extends Bench {
  server: GrpcReceiver
  readonly calls: GrpcAsked[] = []
  onCall: (asked: GrpcAsked) => void = () => {}
  #grpcScript: GrpcScript
  #index = 0

  private constructor(server: GrpcReceiver, script: GrpcScript, options: OtlpOptions) {
    super({ protocol: 'grpc', endpoint: server.endpoint, ...options })
    this.server = server
    this.#grpcScript = script
  }

  static async startGrpc(
    script: GrpcScript = {},
    options: OtlpOptions = {},
    more: GrpcReceiverOptions = {},
  ): Promise<GrpcBench> {
    // The pipeline needs the port, the receiver the pipeline's bench.
    const cell: { bench?: GrpcBench } = {}
    const server = await listen(() => cell.bench!, more)
    const bench = new GrpcBench(server, script, options)
    cell.bench = bench
    return bench
  }

  /** From the next call on; a script starts at its first answer. */
  answerCalls(script: GrpcScript): void {
    this.#grpcScript = script
    this.#index = 0
  }

  /** Starts the server once more, at the port that it had. */
  async restart(): Promise<void> {
    this.server = await listen(() => this, { port: this.server.port })
  }

  /** Milliseconds between calls, on the test's clock. */
  get callGaps(): number[] {
    return this.calls.slice(1).map(({ at }, i) => at - this.calls[i]!.at)
  }

  /** The fault has ended: when had a record arrived that was logged right now? */
  async recoverOverGrpc(): Promise<number> {
    const endedAt = this.clock.millis
    const fresh = this.emit(1)
    await this.run(() => this.tally.has(fresh))
    return Math.round(this.clock.millis - endedAt)
  }

  /** @internal Called by the receiver at each call. */
  askCall(call: ReceivedCall): GrpcAnswer {
    const records = this.server.allRecords.filter(({ requestIndex }) => requestIndex === call.index)
    const seqs = records.filter(({ eventName }) => eventName === '').map(({ attributes }) => Number(attributes['seq']))
    const asked = { at: this.clock.millis, call, seqs }
    this.calls.push(asked)
    this.onCall(asked)
    const script = this.#grpcScript
    const index = this.#index++
    if (typeof script === 'function') return script(asked, index)
    return Array.isArray(script) ? (script[Math.min(index, script.length - 1)] as GrpcAnswer) : (script as GrpcAnswer)
  }
}

async function listen(bench: () => GrpcBench, options: GrpcReceiverOptions): Promise<GrpcReceiver> {
  const receiver = await startGrpcReceiver({
    answer: (call) => bench().askCall(call),
    onAccepted: (records) => bench().tally.add(records),
    ...options,
  })
  return closing(receiver)
}
