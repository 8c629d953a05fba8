// google.rpc.Status with google.rpc.RetryInfo, as servers put it into `grpc-status-details-bin`. By protobufjs's writer: the
// schema of neither is part of OTLP.

import protobuf from 'protobufjs/minimal.js'

export function retryInfoStatus(code: number, message: string, delayMillis: number): Buffer {
  const duration = protobuf.Writer.create()
    .uint32(8)
    .int64(Math.trunc(delayMillis / 1000))
    .uint32(16)
    .int32((delayMillis % 1000) * 1e6)
    .finish()
  const retryInfo = protobuf.Writer.create().uint32(10).bytes(duration).finish()
  const any = protobuf.Writer.create()
    .uint32(10)
    .string('type.googleapis.com/google.rpc.RetryInfo')
    .uint32(18)
    .bytes(retryInfo)
    .finish()
  const status = protobuf.Writer.create()
    .uint32(8)
    .int32(code)
    .uint32(18)
    .string(message)
    .uint32(26)
    .bytes(any)
    .finish()
  return Buffer.from(status)
}
