// A server that took a request may have refused some of its records (OTLP, Partial Success). They are never sent again.

import type { ExportCause, ExportResult } from './export.ts'
import { messageField, numberField } from './protobuf-fields.ts'

export interface PartialSuccess {
  rejected: number
  /** The server's words; with no record rejected, a warning. */
  message: string
}

/** That of an ExportLogsServiceResponse, if it has one. */
export function partialSuccessIn(response: Buffer): PartialSuccess | undefined {
  const partial = messageField(response, 1)
  if (partial === undefined) return undefined
  const rejected = numberField(partial, 1)
  // An int64: from 2^63 up it is negative.
  return { rejected: rejected < 2 ** 63 ? rejected : 0, message: messageField(partial, 2)?.toString() ?? '' }
}

export function toAccepted({ rejected, message }: PartialSuccess): ExportResult {
  const cause: ExportCause = { kind: 'partial success', what: `the server rejected ${rejected} records`, message }
  return { kind: 'success', rejected, message: message === '' ? undefined : message, cause }
}
