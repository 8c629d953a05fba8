import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { type GrpcReceiver, type GrpcReceiverOptions, startGrpcReceiver } from './grpc-receiver.ts'
import { encodeRequestBytes } from './schema.ts'

const PATH = '/opentelemetry.proto.collector.logs.v1.LogsService/Export'

function requestOf(count: number): Buffer {
  const logRecords = Array.from({ length: count }, (_, i) => ({ body: { stringValue: `line ${i}` } }))
  return encodeRequestBytes({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

describe('GrpcReceiver', () => {
  let receiver: GrpcReceiver
  let client: Client

  async function start(options: GrpcReceiverOptions = {}): Promise<void> {
    receiver = await startGrpcReceiver(options)
    client = new Client(new URL(receiver.endpoint).host, credentials.createInsecure())
  }

  afterEach(async () => {
    client.close()
    await receiver.close()
  })

  /** Gives the answer's bytes, or what went wrong. */
  function send(body: Buffer, metadata: Metadata = new Metadata()): Promise<Buffer | ServiceError> {
    const asIs = (bytes: Buffer): Buffer => bytes
    return new Promise((resolve) => {
      client.makeUnaryRequest(PATH, asIs, asIs, body, metadata, { deadline: Date.now() + 5000 }, (error, answer) =>
        resolve(error ?? answer ?? Buffer.alloc(0)),
      )
    })
  }

  it('counts the records of calls that it answers with OK, and keeps every call', async () => {
    await start({ answer: [{ code: status.UNAVAILABLE, details: 'not now' }, {}] })
    expect(await send(requestOf(2))).toMatchObject({ code: status.UNAVAILABLE, details: 'not now' })
    expect([receiver.records.length, receiver.allRecords.length]).toEqual([0, 2])
    const metadata = new Metadata()
    metadata.set('x-tenant', 'a')
    expect(await send(requestOf(3), metadata)).toEqual(Buffer.alloc(0))
    expect(receiver.records.map(({ body }) => body)).toEqual(['line 0', 'line 1', 'line 2'])
    expect(receiver.calls).toMatchObject([
      { index: 0, accepted: false, socket: 1 },
      { index: 1, accepted: true, socket: 1, metadata: { 'x-tenant': ['a'] }, problems: [] },
    ])
    expect(receiver.calls[1]!.deadlineMillis).toBeGreaterThan(0)
  })

  it('refuses what is no request, and says what is wrong with it', async () => {
    await start()
    expect(await send(Buffer.from([0xff]))).toMatchObject({ code: status.INVALID_ARGUMENT })
    expect(receiver.problems).toEqual([expect.stringMatching(/^call 0: unreadable protobuf: /)])
  })

  it('counts what a partial success rejects as not accepted', async () => {
    await start({ answer: { partialSuccess: { rejected: 2, message: 'too old' } } })
    expect(String(await send(requestOf(5)))).toContain('too old')
    expect(receiver.records).toHaveLength(3)
  })

  it('puts RetryInfo into the details of a status', async () => {
    await start({ answer: { code: status.RESOURCE_EXHAUSTED, details: 'slow down', retryDelayMillis: 2500 } })
    const error = (await send(requestOf(1))) as ServiceError
    const [details] = error.metadata.get('grpc-status-details-bin') as [Buffer]
    // Any { type_url, value: RetryInfo { Duration { seconds: 2, nanos: 500_000_000 } } }, by the numbers of their fields.
    expect(details.toString('latin1')).toContain('type.googleapis.com/google.rpc.RetryInfo')
    expect(details.subarray(-10)).toEqual(Buffer.from([0x0a, 0x08, 0x08, 2, 0x10, 0x80, 0xca, 0xb5, 0xee, 0x01]))
  })

  it('never answers a call that is to hang, and knows when the client leaves', async () => {
    await start({ answer: { hang: true } })
    const sent = send(requestOf(1))
    await receiver.waitForCalls(1)
    expect(receiver.openCalls).toBe(1)
    client.close()
    receiver.cutSockets()
    expect(await sent).toMatchObject({ code: status.UNAVAILABLE })
    await receiver.waitFor(({ openCalls, openSockets }) => openCalls === 0 && openSockets === 0)
    expect(receiver.records).toEqual([])
  })

  it('resets the connection of a call, and accepts another', async () => {
    await start({ answer: [{ reset: true }, {}] })
    expect(await send(requestOf(1))).toMatchObject({ code: expect.any(Number) })
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
    expect(await send(requestOf(1))).toEqual(Buffer.alloc(0))
    expect(receiver.sockets).toBe(2)
  })

  it('refuses a message that is too long for it', async () => {
    await start({ maxMessageBytes: 100 })
    expect(await send(requestOf(50))).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
    expect(receiver.calls).toEqual([])
  })
})
