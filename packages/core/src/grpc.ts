// One OTLP/gRPC request, by @grpc/grpc-js: a payload out, an ExportResult back. Never throws, never rejects.
// - The deadline is ours, over connecting and the whole answer. The server is told it, too.
// - After a failure without an answer the next attempt has a connection of its own: the address is resolved again, and it is
//   the sender that decides when, not the back-off of the package.
// - Connections are kept between requests, and never keep the process alive.

import { deadline } from './clock.ts'
import { GrpcConnection, MAX_ANSWER_BYTES } from './grpc-connection.ts'
import type { Exporter, ExportResult, Payload } from './export.ts'
import { type GrpcAnswer, isLocal, isRefused, isUnauthenticated, toGrpcResult } from './grpc-result.ts'
import { type Grpc, type GrpcCall, type GrpcMetadata, GRPC_PACKAGE, loadGrpc } from './grpc-package.ts'
import { putMetadata, wireHeaders } from './metadata.ts'
import { networkHint } from './network-hint.ts'
import type { ProxyEnv } from './proxy.ts'
import type { RequestHeaders } from './request-headers.ts'
import type { TlsSettings } from './settings.ts'
import { plainTls, renewed } from './tls.ts'
import { withoutTracing } from './trace-context.ts'

export interface GrpcOptions {
  /** `http://host:port` for plaintext, `https://host:port` for TLS. */
  url: string
  headers: RequestHeaders
  compression: 'none' | 'gzip'
  /** Milliseconds for one attempt; 0 means no limit. */
  timeoutMillis: number
  tls?: TlsSettings | undefined
  proxyEnv?: ProxyEnv | undefined
}

/** collector/logs/v1/logs_service.proto */
const GRPC_PATH = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'

/** A longer number of milliseconds has no room in grpc-timeout. */
const MAX_MILLIS = 99_999_999

export function createGrpcExporter(options: GrpcOptions): Exporter {
  const { url, compression, timeoutMillis, headers: requestHeaders, proxyEnv } = options
  let { tls } = options
  let grpc: Promise<Grpc> | undefined
  // Now, while the app starts, as it takes 100 ms on the app's thread. What goes wrong is told by the first request.
  load().catch(() => {})
  let connection: GrpcConnection | undefined
  const open = new Set<GrpcCall>()
  let closed = false
  /** Rejects when it is closed: what awaits the app's `headers` then waits no longer. */
  const closing = Promise.withResolvers<never>()
  closing.promise.catch(() => {})

  /** What failed may be there later. */
  function load(): Promise<Grpc> {
    return (grpc ??= loadGrpc().catch((error: unknown) => {
      grpc = undefined
      throw error
    }))
  }

  async function attempt(body: Buffer): Promise<Attempt> {
    const headers = await Promise.race([requestHeaders.next(), closing.promise])
    const grpcJs = await load()
    if (closed) throw new Error('closed')
    return withoutTracing(() => {
      connection ??= new GrpcConnection(grpcJs, {
        url,
        tls,
        proxyEnv,
        compression,
        userAgent: headers['user-agent'] ?? '',
      })
      const metadata = new grpcJs.Metadata()
      putMetadata(metadata, headers)
      if (timeoutMillis > 0) metadata.set('grpc-timeout', `${Math.min(timeoutMillis, MAX_MILLIS)}m`)
      return call(connection, metadata, body)
    })
  }

  function call(on: GrpcConnection, metadata: GrpcMetadata, body: Buffer): Promise<Attempt> {
    return new Promise((resolve) => {
      let message: Buffer | undefined
      let hasBegun = false
      let isLate = false
      const { isUsed } = on
      const made = on.client.makeUnaryRequest(
        GRPC_PATH,
        asIs,
        asIs,
        body,
        metadata,
        {},
        (_error, answer) => (message = answer),
      )
      open.add(made)
      on.begun()
      const late = (): void => {
        isLate = true
        made.cancel()
      }
      const signal = timeoutMillis > 0 ? deadline(timeoutMillis) : undefined
      signal?.addEventListener('abort', late)
      made.on('metadata', () => (hasBegun = true))
      made.on('status', (status) => {
        signal?.removeEventListener('abort', late)
        open.delete(made)
        on.ended()
        on.isUsed ||= !isLocal(status)
        // The server has taken it: only what it says about it is too long for us.
        const isTaken = hasBegun && status.details.includes(String(MAX_ANSWER_BYTES))
        resolve({ status: isTaken ? { ...status, code: 0 } : status, message, isLate, on, isUsed })
      })
    })
  }

  /** The next attempt connects anew. Requests beside this one keep their connection until they are answered. */
  function disconnect(from: GrpcConnection): void {
    from.retire()
    if (connection !== from) return
    connection = undefined
    tls = tls && renewed(tls)
  }

  async function send({ chunks, contentType }: Payload): Promise<ExportResult> {
    if (contentType !== undefined && contentType !== PROTOBUF) return UNSENDABLE
    const body = Buffer.concat(chunks)
    let answer = await attempt(body)
    if ((isRefused(answer.status) || (isLocal(answer.status) && answer.isUsed)) && !answer.isLate && !closed) {
      // The server closed the connection just when we used it: nothing was wrong but the moment.
      disconnect(answer.on)
      answer = await attempt(body)
    }
    if (isUnauthenticated(answer) && requestHeaders.canRefresh && !closed) {
      await Promise.race([requestHeaders.refresh(), closing.promise])
      answer = await attempt(body)
    }
    if (answer.isLate || isLocal(answer.status)) disconnect(answer.on)
    if (!answer.isLate) {
      const result = toGrpcResult(answer, { url, tls, proxyEnv, isGrpc: true })
      // What was sent is a copy.
      return result.kind === 'success' ? { ...result, isPayloadFree: true } : result
    }
    const what = `no answer within ${timeoutMillis} ms`
    return {
      kind: 'retryable',
      cause: { kind: 'timeout', what, hint: 'raise `timeoutMillis` if the endpoint is slow' },
    }
  }

  return {
    get plain() {
      const headers = requestHeaders.atOnce
      if (headers === undefined) return undefined
      return {
        url: url + GRPC_PATH,
        isGrpc: true,
        headers: wireHeaders(headers),
        proxyEnv,
        ...(tls && { tls: plainTls(tls) }),
      }
    },
    async export(payload) {
      try {
        return await send(payload)
      } catch (error) {
        return toFailed(error, url)
      }
    },
    close() {
      closed = true
      closing.reject(new Error('closed'))
      for (const made of open) made.cancel()
      connection?.cut()
    },
  }
}

interface Attempt extends GrpcAnswer {
  isLate: boolean
  on: GrpcConnection
  /** An answer has come by the same connection before. */
  isUsed: boolean
}

const PROTOBUF = 'application/x-protobuf'
const UNSENDABLE: ExportResult = {
  kind: 'failure',
  tooLarge: false,
  cause: { kind: 'gRPC encoding', what: 'records that another process wrote as JSON cannot go over gRPC' },
}

function asIs(bytes: Buffer): Buffer {
  return bytes
}

function toFailed(error: unknown, url: string): ExportResult {
  const { code, message, hint } = error as { code?: string; message: string; hint?: string }
  const isExplained = code === 'headers' || code === GRPC_PACKAGE
  const explained = isExplained ? hint : networkHint(code ?? '', message, { url, isGrpc: true })
  return { kind: 'retryable', cause: { kind: code ?? 'network', what: message, hint: explained } }
}
