// One OTLP/HTTP request: a payload out, an ExportResult back. Never throws, never rejects, never follows a redirect.
// - One deadline over connecting, sending and the whole answer: an idle timer would let a slow answer go on for ever.
// - Once a 2xx status line is there, the records are delivered, whatever becomes of the rest of the answer.
// - Sockets are kept alive between requests, and never keep the process alive.
// - At most 64 KiB of an answer is read, before and after decompression.

import * as http from 'node:http'
import { deadline, systemClock } from './clock.ts'
import { compress, decompress } from './compress.ts'
import type { Exporter, ExportResult, Payload } from './export.ts'
import { isSuccess, toExportResult, toNetworkResult } from './http-result.ts'
import type { Headers } from './headers.ts'
import type { ProxyEnv } from './proxy.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { TlsSettings } from './settings.ts'
import { plainTls, renewed } from './tls.ts'
import { withoutTracing } from './trace-context.ts'

export interface HttpOptions {
  url: string
  headers: RequestHeaders
  compression: 'none' | 'gzip' | 'zstd'
  /** Milliseconds for one attempt; 0 means no limit. */
  timeoutMillis: number
  concurrency: number
  /** Requests go through the proxy that these variables name. */
  proxyEnv?: ProxyEnv | undefined
  /** For https: what the server is trusted by, and what the client shows. */
  tls?: TlsSettings | undefined
}

/** OTLP 1.11 lets a client stop at 4 MiB. What an answer has to say takes some hundred bytes; a gzip bomb is to cost little. */
const MAX_ANSWER_BYTES = 64 * 1024

export function createHttpExporter(options: HttpOptions): Exporter {
  const { url, compression, concurrency, timeoutMillis, headers: requestHeaders, proxyEnv } = options
  // Loaded when it is needed: TLS takes half the time that the whole package takes to load.
  const { request, Agent } = url.startsWith('https:') ? process.getBuiltinModule('node:https') : http
  let { tls } = options
  const makeAgent = (): http.Agent =>
    new Agent({
      keepAlive: true,
      maxSockets: concurrency,
      scheduling: 'lifo',
      ...(proxyEnv && { proxyEnv }),
      ...(tls && plainTls(tls)),
    })
  let agent = makeAgent()
  const open = new Set<http.ClientRequest>()
  let running = 0
  let closed = false
  /** Rejects when it is closed: what awaits the app's `headers` then waits no longer. */
  const closing = Promise.withResolvers<never>()
  closing.promise.catch(() => {})

  function attempt({ chunks, readers }: Body, headers: Headers, onAccepted: OnAccepted): Promise<Attempt> {
    return withoutTracing(() => {
      const signal = timeoutMillis > 0 ? deadline(timeoutMillis) : undefined
      const sent = request(url, { method: 'POST', agent, headers, ...(signal && { signal }) })
      open.add(sent)
      sent.once('socket', (socket) => socket.unref())
      sent.once('close', () => open.delete(sent))
      const answered = answerOf(sent, onAccepted)
      readers.add(sent)
      for (let i = 0; i < chunks.length - 1; i++) sent.write(chunks[i])
      // In their order: when the system has taken the last, it has taken them all.
      sent.write(chunks.at(-1), (error) => !error && readers.delete(sent))
      sent.end()
      return answered
    })
  }

  /** Files of certificates may change while the app runs. They are read again when a request has failed. */
  function renewTls(): void {
    const fresh = tls && renewed(tls)
    // Beside others, it would cut them.
    if (fresh === tls || closed || running > 1) return
    tls = fresh
    agent.destroy()
    agent = makeAgent()
  }

  async function attempts(body: Body, onAccepted: OnAccepted): Promise<Attempt> {
    const { chunks, contentType } = body
    const headers = {
      ...(await Promise.race([requestHeaders.next(), closing.promise])),
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(compression !== 'none' && { 'content-encoding': compression }),
      'content-length': String(chunks.reduce((sum, chunk) => sum + chunk.length, 0)),
    }
    for (let stale = 0; ; stale++) {
      const result = await attempt(body, headers, onAccepted)
      // The server closed an idle connection just when we used it again: nothing was wrong but the moment. There may be
      // as many of these as there are connections.
      if (!result.staleSocket || closed || stale >= concurrency) return result
    }
  }

  async function send(payload: Payload, onAccepted: OnAccepted): Promise<ExportResult> {
    const isCompressed = compression !== 'none'
    const chunks = isCompressed ? [await compress(payload.chunks, compression)] : payload.chunks
    // Closed while it was compressed.
    if (closed) return toNetworkResult(new Error('closed'), options)
    const body: Body = { chunks, contentType: payload.contentType, readers: new Set() }
    let { answer, error } = await attempts(body, onAccepted)
    if (answer?.status === 401 && requestHeaders.canRefresh && !closed) {
      await Promise.race([requestHeaders.refresh(), closing.promise])
      ;({ answer, error } = await attempts(body, onAccepted))
    }
    if (answer !== undefined) {
      const result = toExportResult(answer)
      if (result.kind !== 'success') return result
      // An answer may be read before we hear that the last byte was taken, which then comes in the same turn.
      if (!isCompressed && body.readers.size > 0) await new Promise<void>((resolve) => systemClock.after(0, resolve))
      return { ...result, isPayloadFree: isCompressed || body.readers.size === 0 }
    }
    if (isTimeout(error)) {
      const what = `no answer within ${timeoutMillis} ms`
      return {
        kind: 'retryable',
        cause: { kind: 'timeout', what, hint: 'raise `timeoutMillis` if the endpoint is slow' },
      }
    }
    renewTls()
    return toNetworkResult(error, { url, proxyEnv, tls })
  }

  return {
    get plain() {
      const headers = requestHeaders.atOnce
      return headers === undefined ? undefined : { url, headers, proxyEnv, ...(tls && { tls: plainTls(tls) }) }
    },
    async export(payload, onAccepted) {
      running++
      try {
        return await send(payload, onAccepted)
      } catch (error) {
        return toNetworkResult(error, options)
      } finally {
        running--
      }
    },
    close() {
      closed = true
      closing.reject(new Error('closed'))
      for (const sent of open) sent.destroy()
      agent.destroy()
    },
  }
}

/** What a request carries, however often it is tried. */
interface Body {
  chunks: readonly Uint8Array[]
  contentType: string | undefined
  /** Requests of which the system has not taken everything, or may not have: they may still read the chunks. */
  readers: Set<http.ClientRequest>
}

interface Attempt {
  answer?: { status: number; headers: http.IncomingHttpHeaders; body: Buffer | undefined }
  error?: unknown
  staleSocket?: boolean
}

type OnAccepted = (() => void) | undefined

function answerOf(sent: http.ClientRequest, onAccepted: OnAccepted): Promise<Attempt> {
  return new Promise((resolve) => {
    let status = 0
    sent.once('response', (response) => {
      status = response.statusCode ?? 0
      const { headers } = response
      if (isSuccess(status)) onAccepted?.()
      void bodyOf(response).then((body) => resolve({ answer: { status, headers, body } }))
    })
    // Without a listener, Node ends a connection that leaves HTTP (101) and tells nobody.
    sent.once('upgrade', (_response, socket) => socket.destroy())
    sent.once('close', () => {
      if (status === 0) resolve({ error: new Error('the connection was closed without an answer') })
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // The status line has decided; what breaks off now is only the rest of the answer.
      if (status !== 0) return
      const staleSocket = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      resolve({ error, staleSocket })
    })
  })
}

/** `undefined` when the body breaks off, is too long, or cannot be decompressed. */
async function bodyOf(response: http.IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_ANSWER_BYTES) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return decompress(Buffer.concat(chunks), response.headers['content-encoding'], MAX_ANSWER_BYTES)
}

function isTimeout(error: unknown): boolean {
  const { name, cause } = error as { name?: string; cause?: { name?: string } }
  return name === 'TimeoutError' || (name === 'AbortError' && cause?.name === 'TimeoutError')
}
