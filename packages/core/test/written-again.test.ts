// Memory that is written again, between real sockets: every slab is overwritten the moment it may be, so that whoever still
// reads it sends what is no record. What arrives is read by the official schema, and compared to what was logged, record by
// record, also what came by requests that failed.

import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import {
  type Answer,
  decodeRequest,
  flattenRecords,
  type GrpcAnswer,
  type LogsMessage,
  makeTempFolder,
  type ReceivedRecord,
  startGrpcReceiver,
  startReceiver,
} from '@otlp-logs/test-support'
import { type Clock, systemClock } from '../src/clock.ts'
import type { OtlpOptions } from '../src/options.ts'
import { createPipeline } from '../src/pipeline.ts'
import { resolveOptions } from '../src/resolve-options.ts'
import type { Pipeline } from '../src/host.ts'
import { type Poison, poisonSlabs } from './poisoned-slabs.ts'

const KIB = 1024
/** How much faster the time goes that is waited between two attempts. */
const HURRY = 100

const opened: { close(): unknown }[] = []
let poison: Poison

beforeEach(() => void (poison = poisonSlabs()))
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close()
  poison.end()
})

const clock: Clock = {
  now: () => systemClock.now() * HURRY,
  after: (millis, run, ref) => systemClock.after(millis / HURRY, run, ref),
  random: systemClock.random,
}

const NOISE_CHARACTERS = 2 ** 25
/** Which no compression makes much smaller. */
const NOISE = randomBytes(NOISE_CHARACTERS).toString('base64')

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Text that belongs to a record alone. */
function textOf(seq: number, characters: number): string {
  const from = (seq * 50_021) % (NOISE_CHARACTERS - characters)
  return `${seq} ${NOISE.slice(from, from + characters)}`
}

/** Logs records as `textOf` has them, and knows what must arrive. */
class App {
  readonly pipeline: Pipeline
  readonly #charactersOf: (seq: number) => number
  #next = 0

  constructor(options: OtlpOptions, charactersOf: (seq: number) => number) {
    const { settings, warnings } = resolveOptions({ diagnostics: 'none', ...options })
    this.pipeline = createPipeline(settings, warnings, { package: { name: 'test' }, inProcess: false, clock })
    opened.push({ close: () => this.pipeline.shutdown(0) })
    this.#charactersOf = charactersOf
  }

  get logged(): number {
    return this.#next
  }

  log(): void {
    const seq = this.#next++
    const attributes = { seq, text: textOf(seq, this.#charactersOf(seq)) }
    this.pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, body: `record ${seq}`, attributes })
  }

  /** Logs so many, without ever letting more wait than that. */
  async logEvenly(count: number, maxWaiting: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.log()
      this.pipeline.commit()
      while (this.pipeline.stats().waiting.records >= maxWaiting) await turn()
    }
  }

  /** The numbers of these records. What is not as it was logged is none: NaN. */
  numbersOf(records: readonly ReceivedRecord[]): number[] {
    return records.map(({ body, attributes, severityNumber }) => {
      const { seq, text } = attributes
      if (typeof seq !== 'number' || !(seq < this.#next)) return Number.NaN
      const isSame = text === textOf(seq, this.#charactersOf(seq)) && body === `record ${seq}` && severityNumber === 9
      return isSame ? seq : Number.NaN
    })
  }

  async allSent(): Promise<void> {
    while (this.pipeline.stats().waiting.records > 0) await turn()
  }

  /** All that was logged has arrived, and nothing else ever came. */
  judge(accepted: readonly ReceivedRecord[], all: readonly ReceivedRecord[], problems: readonly string[]): void {
    expect(problems).toEqual([])
    expect(this.numbersOf(all)).not.toContain(Number.NaN)
    expect(new Set(this.numbersOf(accepted)).size).toBe(this.#next)
    expect(this.pipeline.stats().dropped).toEqual({ total: 0 })
  }
}

/** Short lines, a long one now and then, and one that is larger than a slab. */
const mixed = (seq: number): number => (seq % 1500 === 7 ? 100_000 : seq % 50 === 3 ? 5000 : (seq * 37) % 400)

const OPTIONS = {
  // 16 slabs of 64 KiB, each of which is written many times.
  maxQueueBytes: 1024 * KIB,
  maxExportBatchBytes: 128 * KIB,
  scheduledDelayMillis: 100,
  timeoutMillis: 150,
}

/** Of sixteen requests, in order. What is not here is well. */
const TROUBLE: Readonly<Record<number, Answer>> = {
  2: { status: 503 },
  4: { delayMillis: 20 },
  5: { status: 413 },
  8: { hang: true },
  10: { reset: 'before-answer' },
  12: { reset: 'mid-answer' },
  14: { status: 429, headers: { 'retry-after': '1' } },
}
const GRPC_TROUBLE: Readonly<Record<number, GrpcAnswer>> = {
  2: { code: 14 },
  4: { delayMillis: 20 },
  5: { code: 8, details: 'grpc: received message larger than max (200000 vs. 100000)' },
  8: { hang: true },
  10: { reset: true },
  14: { code: 8, retryDelayMillis: 10 },
}

/** Of one record a 413 would be its end. */
const isLarge = (message: LogsMessage): boolean => flattenRecords(message, 0).length > 1

function trouble({ message }: { message: LogsMessage | undefined }, index: number): Answer {
  const answer = TROUBLE[index % 16] ?? {}
  return answer.status === 413 && !isLarge(message!) ? {} : answer
}

function grpcTrouble({ message }: { message: LogsMessage | undefined }, index: number): GrpcAnswer {
  const answer = GRPC_TROUBLE[index % 16] ?? {}
  return answer.details !== undefined && !isLarge(message!) ? {} : answer
}

const HTTP = [
  ['http/protobuf', 'none'],
  ['http/protobuf', 'gzip'],
  ['http/protobuf', 'zstd'],
  ['http/json', 'none'],
  ['http/json', 'zstd'],
] as const

describe.each(HTTP)('%s, compression %s', (protocol, compression) => {
  it.each([1, 2])('sends every record as it was logged, whatever is answered (concurrency %i)', async (concurrency) => {
    const receiver = await startReceiver({ answer: trouble })
    opened.push(receiver)
    const { endpoint } = receiver
    const app = new App({ ...OPTIONS, endpoint, protocol, compression, concurrency }, mixed)
    await app.logEvenly(6000, 500)
    receiver.setAnswer({})
    expect(await app.pipeline.forceFlush(20_000 * HURRY)).toEqual({ complete: true, waiting: 0 })
    app.judge(receiver.records, receiver.allRecords, receiver.problems)
    expect(receiver.requests.length).toBeGreaterThan(32)
    expect(poison.slabs).toBeGreaterThan(5)
  })

  it.each([1, 2])(
    'sends every record to a server that answers before it reads (concurrency %i)',
    async (concurrency) => {
      const early = await EarlyServer.start()
      opened.push(early)
      const options = { protocol, compression, concurrency, maxExportBatchBytes: 8192 * KIB }
      const app = new App({ ...options, endpoint: early.endpoint }, () => 50_000)
      early.heard = async (answers): Promise<void> => {
        while (app.pipeline.stats().requests < answers) await turn()
        // What may be written again now is.
        if (answers < 4) for (let i = 0; i < 20; i++) app.log()
      }
      for (let i = 0; i < 640; i++) app.log()
      while (!(await app.pipeline.forceFlush(0)).complete || app.pipeline.stats().waiting.records > 0) await turn()
      const { records, problems } = await early.received()
      app.judge(records, records, problems)
      expect(records).toHaveLength(app.logged)
      expect(early.answeredEarly).toBeGreaterThan(2)
    },
  )
})

it.each(['none', 'gzip'] as const)('grpc, compression %s: sends every record as it was logged', async (compression) => {
  const receiver = await startGrpcReceiver({ answer: grpcTrouble })
  opened.push(receiver)
  const app = new App({ ...OPTIONS, endpoint: receiver.endpoint, protocol: 'grpc', compression, concurrency: 2 }, mixed)
  await app.logEvenly(6000, 500)
  receiver.setAnswer({})
  expect(await app.pipeline.forceFlush(20_000 * HURRY)).toEqual({ complete: true, waiting: 0 })
  app.judge(receiver.records, receiver.allRecords, receiver.problems)
  expect(poison.slabs).toBeGreaterThan(5)
})

describe.each(['none', 'gzip'] as const)('a journal, compression %s,', (compression) => {
  const journaled = (endpoint: string): OtlpOptions => {
    const temp = makeTempFolder()
    opened.push({ close: () => temp.remove() })
    const journal = { directory: temp.path, segmentBytes: 256 * KIB, minFreeBytes: 0, fsync: 'none' as const }
    return { ...OPTIONS, endpoint, compression, journal, closeTimeoutMillis: 0 }
  }

  it.each([1, 2])('sends every record as it was logged, from memory (concurrency %i)', async (concurrency) => {
    const receiver = await startReceiver({ answer: trouble })
    opened.push(receiver)
    const app = new App({ ...journaled(receiver.endpoint), concurrency }, mixed)
    await app.logEvenly(6000, 500)
    receiver.setAnswer({})
    await app.allSent()
    app.judge(receiver.records, receiver.allRecords, receiver.problems)
    expect(poison.slabs).toBeGreaterThan(5)
  })

  it.each([1, 2])('sends every record as it was logged, from disk (concurrency %i)', async (concurrency) => {
    const receiver = await startReceiver({ answer: { status: 503 } })
    opened.push(receiver)
    const app = new App({ ...journaled(receiver.endpoint), concurrency }, mixed)
    await app.logEvenly(12_000, Number.POSITIVE_INFINITY)
    await receiver.waitForRequests(1)
    receiver.setAnswer(trouble)
    await app.logEvenly(3000, 15_000)
    await receiver.waitFor(({ records }) => records.length > 3000)
    receiver.setAnswer({})
    await app.allSent()
    app.judge(receiver.records, receiver.allRecords, receiver.problems)
    expect(poison.slabs).toBeGreaterThan(10)
  })

  it('sends every record as another process has logged it', async () => {
    const receiver = await startReceiver({ answer: { status: 503 } })
    opened.push(receiver)
    const options = journaled(receiver.endpoint)
    const dead = new App(options, mixed)
    await dead.logEvenly(12_000, Number.POSITIVE_INFINITY)
    await dead.pipeline.shutdown(0)
    poison.slabs = 0
    receiver.setAnswer(trouble)
    const heir = new App(options, mixed)
    await receiver.waitFor(({ records }) => records.length > 3000)
    receiver.setAnswer({})
    await receiver.waitFor(({ records }) => new Set(dead.numbersOf(records)).size === dead.logged)
    await heir.allSent()
    dead.judge(receiver.records, receiver.allRecords, receiver.problems)
    expect(heir.pipeline.stats()).toMatchObject({ adopted: dead.logged, dropped: { total: 0 } })
    expect(poison.slabs).toBeGreaterThan(2)
  })
})

/** Answers each request with success before it reads it, and reads it when the client has heard so. */
class EarlyServer {
  readonly #server = createServer((request, response) => this.#take(request, response))
  readonly #bodies: Promise<ReturnType<typeof decodeRequest>>[] = []
  /** Resolves when the client has heard of so many answers. */
  heard: (answers: number) => Promise<void> = () => Promise.resolve()
  /** Requests that were answered before they were there. */
  answeredEarly = 0

  static async start(): Promise<EarlyServer> {
    const early = new EarlyServer()
    await new Promise<void>((resolve) => early.#server.listen(0, '127.0.0.1', resolve))
    return early
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** What came, read to its end. */
  async received(): Promise<{ records: ReceivedRecord[]; problems: string[] }> {
    const bodies = await Promise.all(this.#bodies)
    return {
      records: bodies.flatMap(({ message }, i) => flattenRecords(message!, i)),
      problems: bodies.flatMap(({ problems }) => problems),
    }
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.#bodies.push(this.#read(request, this.#bodies.length))
    if (!request.complete) this.answeredEarly++
    response.end()
  }

  async #read(request: IncomingMessage, index: number): Promise<ReturnType<typeof decodeRequest>> {
    // Or Node would throw away what comes after the answer.
    request.read(0)
    await this.heard(index + 1)
    const body = Buffer.concat(await request.toArray())
    const { 'content-encoding': compression, 'content-type': type } = request.headers
    return decodeRequest(unpacked(body, compression), type === 'application/json' ? 'json' : 'protobuf')
  }
}

function unpacked(body: Buffer, compression: string | undefined): Buffer {
  return compression === 'gzip' ? gunzipSync(body) : compression === 'zstd' ? zstdDecompressSync(body) : body
}
