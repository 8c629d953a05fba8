// HTTP answers and network errors -> ExportResult, by OTLP's rules (docs/specification.md, OTLP/HTTP Response) and with
// words that say what to do. Retryable: 429, 502, 503, 504 and everything below HTTP. All other answers are final.

import type { ExportCause, ExportResult } from './export.ts'
import { inOneLine, networkHint, PROXY_CREDENTIALS_HINT, type Target } from './network-hint.ts'
import { type PartialSuccess, partialSuccessIn, toAccepted } from './partial-success.ts'
import { messageField } from './protobuf-fields.ts'

export interface Answer {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body, decompressed; `undefined` when it could not be read or was too long. */
  body: Buffer | undefined
}

const TOO_LARGE_HINT = 'lower `maxRecordBytes`, or raise the limit of the server'

const RETRYABLE = new Set([429, 502, 503, 504])
/** What OTLP and Loki answer when all is well. Another 2xx is accepted, too, but said (Loki's 260: tenant is blocked). */
const PLAIN_SUCCESS = new Set([200, 202, 204])

export function toExportResult(answer: Answer, now: number = Date.now()): ExportResult {
  const { status, headers, body } = answer
  if (isSuccess(status)) return toSuccess(answer)
  const cause: ExportCause = {
    kind: `HTTP ${status}`,
    what: `HTTP ${status}`,
    message: messageOf(body, headers),
    hint: hintOfStatus(status),
  }
  if (RETRYABLE.has(status)) {
    return { kind: 'retryable', cause, retryAfterMillis: retryAfterMillis(headers['retry-after'], now) }
  }
  // A stock Collector answers 400 where the specification asks for 413.
  const tooLarge = status === 413 || (status === 400 && /request body too large/i.test(cause.message ?? ''))
  return { kind: 'failure', cause: tooLarge ? { ...cause, hint: TOO_LARGE_HINT } : cause, tooLarge }
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function toSuccess({ status, headers, body }: Answer): ExportResult {
  if (!PLAIN_SUCCESS.has(status)) {
    const said = body === undefined ? '' : (messageOf(body, headers) ?? '')
    return { kind: 'success', rejected: 0, message: `accepted with unusual HTTP ${status} ${said}`.trim() }
  }
  const partial = body === undefined || body.length === 0 ? undefined : partialSuccessOf(body, headers)
  if (partial === undefined) return { kind: 'success', rejected: 0 }
  return toAccepted(partial)
}

/** Why a request got no answer. */
export function toNetworkResult(error: unknown, target: Target): ExportResult {
  const { code, message } = rootOf(error)
  const kind = code ?? 'network'
  const hint = kind === 'headers' ? undefined : networkHint(kind, message, target)
  return { kind: 'retryable', cause: { kind, what: message, hint } }
}

/** `localhost` is tried on several addresses; Node then wraps their errors in one without a message. */
function rootOf(error: unknown): { code: string | undefined; message: string } {
  const { code, message, errors } = (error ?? {}) as { code?: string; message?: string; errors?: unknown[] }
  if (Array.isArray(errors) && errors.length > 0) return rootOf(errors[0])
  const text = message === undefined || message === '' ? (code ?? String(error)) : message
  return { code, message: inOneLine(text) }
}

function retryAfterMillis(value: string | string[] | undefined, now: number): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\s*\d{1,15}\s*$/.test(value)) return Number(value) * 1000
  // Only dates: Date.parse also reads things such as "-5" as one.
  const date = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function hintOfStatus(status: number): string | undefined {
  if (status === 407) return PROXY_CREDENTIALS_HINT
  if (status === 401 || status === 403) return 'check the `headers` option or OTEL_EXPORTER_OTLP_HEADERS'
  if (status === 404 || status === 405) return 'is the path right? OTLP/HTTP logs go to /v1/logs, Loki to /otlp/v1/logs'
  if (status === 415) return 'the endpoint may know the other `protocol` only: http/protobuf or http/json'
  if (status >= 300 && status < 400) return 'redirects are not followed: set `url` to the final address'
  return undefined
}

function isJson(headers: Answer['headers']): boolean {
  return String(headers['content-type'] ?? '').includes('json')
}

/** The server's words: `message` of a Status in either encoding, or the text as it is. */
function messageOf(body: Buffer | undefined, headers: Answer['headers']): string | undefined {
  if (body === undefined || body.length === 0) return undefined
  const text = body.toString()
  if (isJson(headers) || text.startsWith('{')) {
    const { message } = parseJson(body) as { message?: unknown }
    if (typeof message === 'string') return message
  }
  // Loki sends a protobuf Status whatever was asked for, with a Content-Type of chance.
  return messageField(body, 2)?.toString() ?? text
}

function partialSuccessOf(body: Buffer, headers: Answer['headers']): PartialSuccess | undefined {
  if (isJson(headers) || body[0] === 0x7b) {
    const { partialSuccess } = parseJson(body) as { partialSuccess?: Record<string, unknown> }
    if (typeof partialSuccess !== 'object' || partialSuccess === null) return undefined
    const { rejectedLogRecords = 0, errorMessage = '' } = partialSuccess
    return { rejected: Math.max(0, Math.trunc(Number(rejectedLogRecords))) || 0, message: String(errorMessage) }
  }
  return partialSuccessIn(body)
}

function parseJson(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString())
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
