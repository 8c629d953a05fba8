// gRPC statuses -> ExportResult, by OTLP's rules (docs/specification.md, OTLP/gRPC Response), and with words that say what to
// do. Retryable: CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS; RESOURCE_EXHAUSTED only where
// the server says when (RetryInfo); and everything below gRPC, which @grpc/grpc-js tells by the same codes, in words of its own.

import type { ExportCause, ExportResult } from './export.ts'
import type { GrpcStatus } from './grpc-package.ts'
import { inOneLine, networkHint, type Target } from './network-hint.ts'
import { partialSuccessIn, toAccepted } from './partial-success.ts'
import { messageField, messageFields, numberField } from './protobuf-fields.ts'

const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const
type Name = (typeof NAMES)[number]

const RETRYABLE = new Set<Name>([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
])

/**
 * How servers say that a request is longer than they take: in Go, C++, Java, .NET and Rust. They use RESOURCE_EXHAUSTED and
 * OUT_OF_RANGE, for which OTLP has other meanings; these words are what tells a request that must be parted.
 */
const TOO_LARGE = /larger than max|exceeds (?:the )?(?:configured )?max|length too large|message too large/i
const TOO_LARGE_HINT = 'lower `maxRecordBytes`, or raise the limit of the server'

const CLOSED = 'the connection was closed before HTTP/2 began'

/** What @grpc/grpc-js says of a call that no server has answered. */
const LOCAL =
  /^(?:No connection established|Connection dropped|Name resolution failed|Received RST_STREAM|Stream refused|Write error|Call cancelled|Cancelled on client|Failed to connect|(?:read|write) E[A-Z]+)/

/** The answer to a call, or what came in its place. */
export interface GrpcAnswer {
  status: GrpcStatus
  /** An ExportLogsServiceResponse. */
  message: Buffer | undefined
}

export function isUnauthenticated({ status }: GrpcAnswer): boolean {
  return NAMES[status.code] === 'UNAUTHENTICATED'
}

export function isLocal({ details }: GrpcStatus): boolean {
  return LOCAL.test(details)
}

/** REFUSED_STREAM, as of a connection that is being closed: HTTP/2 promises that nothing of the call was looked at. */
export function isRefused({ details }: GrpcStatus): boolean {
  return /^Stream refused|NGHTTP2_REFUSED_STREAM/.test(details)
}

export function toGrpcResult({ status, message }: GrpcAnswer, target: Target): ExportResult {
  const name = NAMES[status.code] ?? 'UNKNOWN'
  if (name === 'OK') {
    const partial = message === undefined ? undefined : partialSuccessIn(message)
    return partial === undefined ? { kind: 'success', rejected: 0 } : toAccepted(partial)
  }
  if (isLocal(status)) return { kind: 'retryable', cause: causeOf(status, target) }
  const cause: ExportCause = {
    kind: `gRPC ${name}`,
    what: `gRPC ${name}`,
    message: status.details,
    hint: hintOf(name, status.details),
  }
  const tooLarge = (name === 'RESOURCE_EXHAUSTED' || name === 'OUT_OF_RANGE') && TOO_LARGE.test(status.details)
  if (tooLarge) return { kind: 'failure', cause: { ...cause, hint: TOO_LARGE_HINT }, tooLarge }
  const retryAfterMillis = retryInfoOf(status)
  if (RETRYABLE.has(name) || (name === 'RESOURCE_EXHAUSTED' && retryAfterMillis !== undefined)) {
    return { kind: 'retryable', cause, retryAfterMillis }
  }
  return { kind: 'failure', cause, tooLarge: false }
}

/** `No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:4317. Resolution note: ` and the like. */
function causeOf({ details }: GrpcStatus, target: Target): ExportCause {
  const what = inOneLine(details)
    .replace(/^No connection established\. Last error: (?:Error: )?/, '')
    .replace(/ ?\.? ?Resolution note:.*$/, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/, '')
    .replace(/^(?:Failed to connect|Connection closed before .*)$/, CLOSED)
    .trim()
  const code = /\bE[A-Z]{4,}\b/.exec(what)?.[0] ?? (what.startsWith('Name resolution failed') ? 'ENOTFOUND' : undefined)
  // One of a kind, whatever address and time its text names.
  const kind = code ?? what.replace(/[^A-Za-z ]+.*$/, '').trim()
  return { kind: kind === '' ? 'network' : kind, what, hint: networkHint(code ?? '', what, target) }
}

/** google.rpc.Status { details = 3: Any { type_url = 1, value = 2: RetryInfo { retry_delay = 1: Duration } } } */
function retryInfoOf({ metadata }: GrpcStatus): number | undefined {
  for (const bytes of metadata.get('grpc-status-details-bin')) {
    if (typeof bytes === 'string') continue
    for (const detail of messageFields(bytes, 3)) {
      if (messageField(detail, 1)?.toString().endsWith('/google.rpc.RetryInfo') !== true) continue
      const delay = messageField(messageField(detail, 2) ?? Buffer.alloc(0), 1) ?? Buffer.alloc(0)
      const seconds = numberField(delay, 1)
      // Negative ones are from 2^63 up.
      return seconds >= 2 ** 63 ? 0 : seconds * 1000 + Math.ceil(numberField(delay, 2) / 1e6)
    }
  }
  return undefined
}

function hintOf(name: Name, details: string): string | undefined {
  if (name === 'UNAUTHENTICATED' || name === 'PERMISSION_DENIED') {
    return 'check the `headers` option or OTEL_EXPORTER_OTLP_HEADERS'
  }
  if (details.startsWith('Received HTTP status code')) return 'is this a port for gRPC? It usually is 4317'
  if (name === 'UNIMPLEMENTED') return 'has the collector a pipeline for logs behind its gRPC port?'
  return undefined
}
