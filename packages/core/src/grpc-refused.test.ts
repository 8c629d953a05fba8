// A server that refuses a stream of HTTP/2, which the official server does only by chance: in the moment of a GOAWAY.

import { constants, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Exporter, Payload } from './export.ts'
import { createGrpcExporter } from './grpc.ts'
import { isLocal, isRefused } from './grpc-result.ts'
import { RequestHeaders } from './request-headers.ts'

const PAYLOAD: Payload = { chunks: [], bytes: 0, count: 0 }
const SUCCESS = { kind: 'success', rejected: 0, isPayloadFree: true }

let server: Http2Server
let exporter: Exporter
let streams: number

/** Refuses the first streams, and takes those after them. */
async function refuse(first: number): Promise<void> {
  streams = 0
  server = createServer().on('stream', (stream) => {
    // Told to the server, too.
    stream.on('error', () => {})
    if (++streams <= first) stream.close(constants.NGHTTP2_REFUSED_STREAM)
    else accept(stream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const timeoutMillis = 10_000
  exporter = createGrpcExporter({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    compression: 'none',
    timeoutMillis,
    headers: new RequestHeaders({ protocol: 'grpc', headers: {}, timeoutMillis, userAgent: 'test/1' }),
  })
}

/** An empty message, not compressed: 1 byte of flags and 4 of length. */
function accept(stream: ServerHttp2Stream): void {
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.end(Buffer.alloc(5))
}

afterEach(async () => {
  exporter.close()
  await new Promise((resolve) => server.close(resolve))
})

describe('a stream that is refused', () => {
  it('is no failure, also on a connection that was not used before: another one is asked at once', async () => {
    await refuse(1)
    expect(await exporter.export(PAYLOAD)).toEqual(SUCCESS)
    expect(streams).toBe(2)
  })

  it('is one when the next is refused, too', async () => {
    await refuse(2)
    expect(await exporter.export(PAYLOAD)).toMatchObject({
      kind: 'retryable',
      cause: { kind: 'Stream refused by server' },
    })
    expect(streams).toBe(2)
    expect(await exporter.export(PAYLOAD)).toEqual(SUCCESS)
  })

  // As of Node 26, where the refusal is faster than the request.
  it('is known by what its write says, too', () => {
    const details = 'Write error: Stream closed with error code NGHTTP2_REFUSED_STREAM'
    const status = { code: 14, details, metadata: { set: () => {}, get: () => [] } }
    expect([isRefused(status), isLocal(status)]).toEqual([true, true])
  })
})
