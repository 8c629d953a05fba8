// What the gRPC receiver may be told to answer, and the message of it.

import { encodeResponseBytes } from './schema.ts'

export interface GrpcAnswer {
  /** A status by its number. @default 0, OK; 3 for a request that cannot be read */
  code?: number
  details?: string
  /** Adds RetryInfo with this delay to the status. */
  retryDelayMillis?: number
  /** Waits this long before anything is answered. */
  delayMillis?: number
  /** Never answers. */
  hang?: true
  /** Sends a TCP reset in place of the answer. */
  reset?: true
  /** A partial success. The last `rejected` records of the request do not count as accepted. */
  partialSuccess?: { rejected: number; message?: string }
  /** An answer with so many bytes in it that mean nothing. */
  messageBytes?: number
}

/** The bytes of the message. */
export function responseOf({ partialSuccess, messageBytes }: GrpcAnswer): Buffer {
  if (messageBytes !== undefined) return Buffer.alloc(messageBytes)
  if (partialSuccess === undefined) return encodeResponseBytes({})
  const { rejected, message = '' } = partialSuccess
  return encodeResponseBytes({ partialSuccess: { rejectedLogRecords: rejected, errorMessage: message } })
}
