// What a receiver answers: success by default, and on demand every fault that a client has to survive. An answer is plain
// data, a script is answers in order or a function, so that a test says what happens before it happens.
// Called by receiver.ts, which lends the two powers over the socket and the record list.

import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Encoding } from './decode.ts'
import type { ReceivedRequest } from './request.ts'
import { encodeResponseBytes } from './schema.ts'

export interface Answer {
  /** @default 200; 400 for a request that cannot be read, 404 for another path */
  status?: number
  headers?: Record<string, string>
  /** @default for a 2xx an ExportLogsServiceResponse in the request's encoding, otherwise nothing */
  body?: string | Uint8Array
  /** Waits this long before anything is answered. */
  delayMillis?: number
  /** Never answers. The connection stays open until the client or `close()` ends it. */
  hang?: true
  /** Sends a TCP reset in place of the answer, or after the headers and a part of the body. */
  reset?: 'before-answer' | 'mid-answer'
  /** A body of `totalBytes` spaces, `bytesPerChunk` of them every `intervalMillis`. */
  trickle?: { bytesPerChunk: number; intervalMillis: number; totalBytes: number }
  /** A small gzip body which unpacks to so many bytes. */
  gzipBomb?: { bytes: number }
  /** A text/plain body of so many bytes. */
  bodyBytes?: number
  /** A partial success. The last `rejected` records of the request do not count as accepted. */
  partialSuccess?: { rejected: number | string; message?: string }
  /** Whether the records count as accepted. @default true when a readable request is answered with a 2xx status line */
  accept?: boolean
  /** Compresses the body. */
  gzipAnswer?: true
}

/** Answers in order, of which the last repeats; or a function of the request and its number since the script was set. */
export type Script = readonly Answer[] | ((request: ReceivedRequest, index: number) => Answer | Promise<Answer>)

interface Powers {
  /** Counts the request's records as accepted. */
  accept(answer: Answer): void
  /** Resets the TCP connection. */
  reset(): void
}

const CHUNK_BYTES = 65_536

export async function chooseAnswer(script: Answer | Script, request: ReceivedRequest, index: number): Promise<Answer> {
  if (typeof script === 'function') return script(request, index)
  if (!Array.isArray(script)) return script as Answer
  return (script[Math.min(index, script.length - 1)] as Answer | undefined) ?? {}
}

/** Resolves when everything is written, or the client is gone. */
export async function giveAnswer(
  answer: Answer,
  request: ReceivedRequest,
  response: ServerResponse,
  powers: Powers,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const waited = await pause(answer.delayMillis ?? 0, gone.signal)
  const readable = request.message !== undefined
  const status = answer.status ?? (readable ? 200 : 400)
  const answered = waited && !answer.hang && answer.reset !== 'before-answer'
  if (answer.accept ?? (answered && readable && isSuccess(status))) powers.accept(answer)
  if (!waited || answer.hang) return
  if (answer.reset === 'before-answer') return powers.reset()

  const { headers, body } = toBody(answer, status, request.encoding ?? 'protobuf', gone.signal)
  response.writeHead(status, { ...headers, ...answer.headers })
  if (answer.reset === 'mid-answer') {
    response.flushHeaders()
    response.write('{', () => powers.reset())
    return
  }
  if (body instanceof Readable) {
    // The client may leave at any moment, which is its right.
    await pipeline(body, response).catch(() => {})
  } else {
    response.end(body)
  }
}

function toBody(
  answer: Answer,
  status: number,
  encoding: Encoding,
  gone: AbortSignal,
): { headers: Record<string, string | number>; body: Buffer | Readable } {
  const text = { 'content-type': 'text/plain' }
  if (answer.trickle) {
    const { totalBytes } = answer.trickle
    return { headers: { ...text, 'content-length': totalBytes }, body: Readable.from(trickle(answer.trickle, gone)) }
  }
  if (answer.gzipBomb) {
    return { headers: { ...text, 'content-encoding': 'gzip' }, body: Readable.from(gzipBomb(answer.gzipBomb.bytes)) }
  }
  if (answer.bodyBytes !== undefined) {
    const { bodyBytes } = answer
    return { headers: { ...text, 'content-length': bodyBytes }, body: Readable.from(filled(bodyBytes)) }
  }
  const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf'
  const plainBody = answer.body === undefined ? toResponse(answer, status, encoding) : Buffer.from(answer.body)
  const body = answer.gzipAnswer ? gzipSync(plainBody) : plainBody
  const headers: Record<string, string | number> = {
    'content-type': isSuccess(status) ? type : 'text/plain',
    // Promised and never sent, so that a reset is what ends the answer.
    'content-length': answer.reset === 'mid-answer' ? body.length + CHUNK_BYTES : body.length,
  }
  if (answer.gzipAnswer) headers['content-encoding'] = 'gzip'
  return { headers, body }
}

function toResponse({ partialSuccess }: Answer, status: number, encoding: Encoding): Buffer {
  if (!isSuccess(status)) return Buffer.alloc(0)
  const response =
    partialSuccess === undefined
      ? {}
      : {
          partialSuccess: { rejectedLogRecords: partialSuccess.rejected, errorMessage: partialSuccess.message ?? '' },
        }
  return encoding === 'json' ? Buffer.from(JSON.stringify(response)) : encodeResponseBytes(response)
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** False when the client left first. */
async function pause(millis: number, gone: AbortSignal): Promise<boolean> {
  if (millis > 0) await delay(millis, undefined, { signal: gone, ref: false }).catch(() => {})
  return !gone.aborted
}

async function* trickle(plan: NonNullable<Answer['trickle']>, gone: AbortSignal): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < plan.totalBytes; sent += plan.bytesPerChunk) {
    yield Buffer.alloc(Math.min(plan.bytesPerChunk, plan.totalBytes - sent), ' ')
    if (!(await pause(plan.intervalMillis, gone))) return
  }
}

function* filled(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) yield Buffer.alloc(Math.min(left, CHUNK_BYTES), 'x')
}

/** A gzip file may be a row of gzip members: each is a MiB of zeros in a KiB, made once. */
function* gzipBomb(bytes: number): Generator<Buffer> {
  const mebibyte = 1_048_576
  const member = gzipSync(Buffer.alloc(mebibyte))
  for (let left = bytes; left > 0; left -= mebibyte) yield left >= mebibyte ? member : gzipSync(Buffer.alloc(left))
}
