// The official OTLP schema: the pbjs module that the OpenTelemetry project generates from opentelemetry-proto. It is the
// judge of every byte, so no code of ours encodes or decodes here; we only make its reader as strict as the strictest
// receiver in use: invalid UTF-8, a message that reads past its own end, and more than 100 nested messages are refused.
// otlp-transformer 0.214.0 is the last release whose generated module holds the log messages (0.215 writes them by hand).

import generated from '@opentelemetry/otlp-transformer/build/src/generated/root.js'
import protobuf from 'protobufjs/minimal.js'

/** protoc's own default, counted with the request as the first; protobuf-es, protobufjs and the Collector refuse more. */
export const MAX_NESTED_MESSAGES = 100

interface MessageType {
  encode(message: object): { finish(): Uint8Array }
  decode(reader: protobuf.Reader | Uint8Array, length?: number, error?: number): object
  verify(message: object): string | null
  fromObject(object: object): object
  toObject(message: object, options: protobuf.IConversionOptions): unknown
}

interface Root {
  opentelemetry: {
    proto: Record<'common' | 'resource' | 'logs', { v1: Record<string, MessageType> }> & {
      collector: { logs: { v1: Record<'ExportLogsServiceRequest' | 'ExportLogsServiceResponse', MessageType> } }
    }
  }
}

// The module's own types say no more than `Root`.
const { proto } = (generated as unknown as Root).opentelemetry
const { ExportLogsServiceRequest, ExportLogsServiceResponse } = proto.collector.logs.v1

/** protobufjs uses `long` when it can be loaded; without it, int64 would be rounded in silence. */
export const Long = protobuf.util.Long as unknown as { fromString(decimal: string, unsigned: boolean): object }
if (typeof Long?.fromString !== 'function')
  throw new Error('protobufjs found no `long`: 64-bit integers would be inexact')

let nested = 0

for (const type of [
  ...Object.values(proto.common.v1),
  ...Object.values(proto.resource.v1),
  ...Object.values(proto.logs.v1),
  ExportLogsServiceRequest,
]) {
  if (typeof type.decode === 'function') type.decode = strictDecode(type)
}

/** A length-delimited message has to end where its length says; protobufjs reads on into its neighbour. */
function strictDecode(type: MessageType): MessageType['decode'] {
  const decode = type.decode
  return (reader, length, error) => {
    if (!(reader instanceof protobuf.Reader)) return decode.call(type, reader, length, error)
    const end = length === undefined ? reader.len : reader.pos + length
    if (nested >= MAX_NESTED_MESSAGES) throw new RangeError(`more than ${MAX_NESTED_MESSAGES} nested messages`)
    nested += 1
    try {
      const message = decode.call(type, reader, length, error)
      if (reader.pos !== end) throw new RangeError(`a message that ends at byte ${end} was read to ${reader.pos}`)
      return message
    } finally {
      nested -= 1
    }
  }
}

const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function strictReader(bytes: Uint8Array): protobuf.Reader {
  const reader = protobuf.Reader.create(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  reader.string = function string() {
    const at = this.pos
    const text = this.bytes()
    try {
      return strictText.decode(text)
    } catch {
      throw new TypeError(
        `invalid UTF-8 in the string at byte ${at}: ${Buffer.from(text).toString('hex').slice(0, 80)}`,
      )
    }
  }
  return reader
}

/**
 * An ExportLogsServiceRequest as the official `toObject` gives it: defaults filled in, 64-bit integers as decimal strings,
 * bytes as Buffers. `complaint` is what the official `verify` objects to, such as two values in one AnyValue.
 */
export function decodeRequestBytes(bytes: Uint8Array): { object: unknown; complaint: string | null } {
  const message = ExportLogsServiceRequest.decode(strictReader(bytes))
  const object = ExportLogsServiceRequest.toObject(message, { longs: String, defaults: true, arrays: true })
  return { object, complaint: ExportLogsServiceRequest.verify(message) }
}

/** The official protobuf bytes of an ExportLogsServiceRequest in the form of protobufjs (ids as bytes, `Long` or safe integers). */
export function encodeRequestBytes(request: object): Buffer {
  const complaint = ExportLogsServiceRequest.verify(request)
  if (complaint !== null) throw new TypeError(complaint)
  return Buffer.from(ExportLogsServiceRequest.encode(ExportLogsServiceRequest.fromObject(request)).finish())
}

/** The official protobuf bytes of an ExportLogsServiceResponse. */
export function encodeResponseBytes(response: object): Buffer {
  return Buffer.from(ExportLogsServiceResponse.encode(ExportLogsServiceResponse.fromObject(response)).finish())
}
