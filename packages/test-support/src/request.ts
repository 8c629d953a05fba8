// One request as it came in: what was sent (raw), what it means (decompressed, decoded) and what is wrong with it.
// Bodies are decompressed and decoded synchronously, so that requests and records keep their order of arrival.
// Called by receiver.ts once for every request whose body came in whole.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import { decodeRequest, type Encoding, type LogsMessage } from './decode.ts'

export interface ReceivedRequest {
  /** Its place in `Receiver.requests`. */
  index: number
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** The body as sent, compressed or not. */
  rawBody: Buffer
  /** The body after decompression; empty when it could not be decompressed. */
  body: Buffer
  /** By content-type; undefined for any other than application/x-protobuf and application/json. */
  encoding: Encoding | undefined
  /** content-encoding: 'identity', 'gzip', 'zstd', 'deflate' or whatever was sent. */
  compression: string
  /** undefined when the request cannot be read; the reason is in `problems`. */
  message: LogsMessage | undefined
  problems: string[]
  /** The connection it came by: 1 for the first that the receiver accepted. */
  socket: number
  /** `performance.now()` when its headers came in. */
  at: number
  /** Whether it was answered with success, so that its records count as accepted. False until it is answered. */
  accepted: boolean
}

/** What the server knows beside the message itself. */
interface Arrival {
  index: number
  socket: number
  at: number
  expectedPath: string
}

export function readRequest(incoming: IncomingMessage, rawBody: Buffer, arrival: Arrival): ReceivedRequest {
  const { method = '', url: path = '', headers } = incoming
  const { expectedPath, ...rest } = arrival
  const compression = headers['content-encoding'] ?? 'identity'
  const encoding = encodingOf(headers['content-type'])
  const problems: string[] = []
  if (method !== 'POST') problems.push(`method ${method} instead of POST`)
  if (path !== expectedPath) problems.push(`path ${path} instead of ${expectedPath}`)
  if (encoding === undefined) problems.push(`content-type ${headers['content-type'] ?? 'is missing'}`)

  let body: Buffer = Buffer.alloc(0)
  let message: LogsMessage | undefined
  try {
    body = decompress(rawBody, compression)
    if (encoding !== undefined) {
      const decoded = decodeRequest(body, encoding)
      message = decoded.message
      problems.push(...decoded.problems)
    }
  } catch (error) {
    problems.push(`unreadable ${compression}: ${(error as Error).message}`)
  }
  return { ...rest, method, path, headers, rawBody, body, encoding, compression, message, problems, accepted: false }
}

function encodingOf(contentType: string | undefined): Encoding | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  return type === 'application/x-protobuf' ? 'protobuf' : type === 'application/json' ? 'json' : undefined
}

function decompress(rawBody: Buffer, compression: string): Buffer {
  switch (compression) {
    case 'identity':
      return rawBody
    case 'gzip':
      return gunzipSync(rawBody)
    case 'deflate':
      return inflateSync(rawBody)
    case 'zstd':
      return zstdDecompressSync(rawBody)
    default:
      throw new Error('not a content-encoding that this receiver knows')
  }
}
