import { Client } from '@grpc/grpc-js'
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import {
  encodeRequestBytes,
  type GrpcReceiver,
  type GrpcReceiverOptions,
  type GrpcScript,
  startGrpcReceiver,
  startReceiver,
} from '@otlp-logs/test-support'
import type { Exporter, Payload } from './export.ts'
import { createGrpcExporter, type GrpcOptions } from './grpc.ts'
import { RequestHeaders, type RequestHeadersOptions } from './request-headers.ts'

/** Records with a body of so many characters each, by the official schema, in pieces. */
function payloadOf(characters = 5, count = 1): Payload {
  const logRecords = Array.from({ length: count }, () => ({ body: { stringValue: 'x'.repeat(characters) } }))
  const bytes = encodeRequestBytes({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  return { chunks: [bytes.subarray(0, 3), bytes.subarray(3)], bytes: bytes.length, count }
}

const SUCCESS = { kind: 'success', rejected: 0, isPayloadFree: true }

const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close()
})

type Options = Partial<Omit<GrpcOptions, 'headers'> & RequestHeadersOptions>

function exporterTo(url: string, options: Options = {}): Exporter {
  const timeoutMillis = 10_000
  const headers = new RequestHeaders({ protocol: 'grpc', headers: {}, timeoutMillis, userAgent: 'test/1', ...options })
  const exporter = createGrpcExporter({ url, compression: 'none', timeoutMillis, ...options, headers })
  opened.push(exporter)
  return exporter
}

async function receive(options: GrpcReceiverOptions = {}): Promise<GrpcReceiver> {
  const receiver = await startGrpcReceiver(options)
  opened.push(receiver)
  return receiver
}

async function setUp(
  answer: GrpcScript = {},
  options: Options = {},
  more: GrpcReceiverOptions = {},
): Promise<{ receiver: GrpcReceiver; exporter: Exporter }> {
  const receiver = await receive({ answer, ...more })
  return { receiver, exporter: exporterTo(receiver.endpoint, options) }
}

describe('a call', () => {
  it('O12: is unary, to Export of the logs service, with the payload as it is', async () => {
    const { receiver, exporter } = await setUp()
    const payload = payloadOf()
    expect(await exporter.export(payload)).toEqual(SUCCESS)
    expect(receiver.calls).toMatchObject([{ body: Buffer.concat(payload.chunks), problems: [] }])
    expect(receiver.records.map(({ body }) => body)).toEqual(['xxxxx'])
  })

  it('carries the headers as metadata, those with -bin as bytes, and none that belong to the connection', async () => {
    const headers = {
      authorization: 'Bearer t',
      'key-bin': 'AAEC',
      'content-length': '1',
      te: 'x',
      host: 'a',
      'grpc-x': 'b',
    }
    const { receiver, exporter } = await setUp({}, { headers })
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    const { metadata } = receiver.calls[0]!
    expect(metadata).toMatchObject({ authorization: ['Bearer t'], 'key-bin': [Buffer.from([0, 1, 2])] })
    expect(Object.keys(metadata)).toEqual(expect.not.arrayContaining(['content-length', 'te', 'host', 'grpc-x']))
    expect(metadata['user-agent']).toEqual([expect.stringMatching(/^test\/1 grpc-node-js\//)])
  })

  it('is compressed with gzip', async () => {
    const { receiver, exporter } = await setUp({}, { compression: 'gzip' })
    await exporter.export(payloadOf(100_000))
    expect(receiver.receivedBytes).toBeLessThan(2000)
    expect(receiver.records[0]!.body).toBe('x'.repeat(100_000))
  })

  it('may be as long as a batch may be', async () => {
    const { receiver, exporter } = await setUp({}, { timeoutMillis: 60_000 }, { maxMessageBytes: 70 * 1024 * 1024 })
    expect(await exporter.export(payloadOf(64 * 1024 * 1024))).toEqual(SUCCESS)
    expect(receiver.records).toHaveLength(1)
  })

  it('keeps its connection for the next', async () => {
    const { receiver, exporter } = await setUp()
    for (let i = 0; i < 5; i++) expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(receiver.sockets).toBe(1)
  })

  it('shares it with those side by side', async () => {
    const { receiver, exporter } = await setUp({ delayMillis: 50 })
    await Promise.all([1, 2, 3, 4].map(() => exporter.export(payloadOf())))
    expect(receiver.maxOpenCalls).toBe(4)
    expect(receiver.sockets).toBe(1)
  })
})

describe('the deadline', () => {
  it('B8: ends a call that nobody answers, and the server is told it', async () => {
    const { receiver, exporter } = await setUp({ hang: true }, { timeoutMillis: 200 })
    expect(await exporter.export(payloadOf())).toEqual({
      kind: 'retryable',
      cause: { kind: 'timeout', what: 'no answer within 200 ms', hint: expect.stringContaining('timeoutMillis') },
    })
    expect(receiver.calls[0]!.deadlineMillis).toBeGreaterThan(0)
    expect(receiver.calls[0]!.deadlineMillis).toBeLessThanOrEqual(200)
    await receiver.waitFor(({ openCalls }) => openCalls === 0)
    receiver.setAnswer({})
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    // A peer that went away without a word would never answer on the old one.
    expect(receiver.sockets).toBe(2)
  })

  it('of 0 is none', async () => {
    const { receiver, exporter } = await setUp({}, { timeoutMillis: 0 })
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(receiver.calls[0]!.deadlineMillis).toBe(Number.POSITIVE_INFINITY)
  })

  it.each(['http', 'https'])(
    'holds for a connection that leads nowhere (%s), of which nothing is left',
    async (scheme) => {
      const sockets = new Set<Socket>()
      const silent = createServer((socket) => {
        sockets.add(socket)
        socket.on('error', () => {})
        socket.resume()
      })
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
      const { port } = silent.address() as AddressInfo
      const exporter = exporterTo(`${scheme}://127.0.0.1:${port}`, { timeoutMillis: 100 })
      for (let i = 0; i < 3; i++) {
        expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'retryable', cause: { kind: 'timeout' } })
      }
      const ends = [...sockets].map(
        (socket) => socket.destroyed || new Promise((resolve) => socket.once('close', resolve)),
      )
      expect(ends).toHaveLength(3)
      await Promise.all(ends)
      await new Promise((resolve) => silent.close(resolve))
    },
  )
})

describe('statuses', () => {
  const RETRYABLE = [1, 4, 10, 11, 14, 15]
  const FINAL = [2, 3, 5, 6, 7, 9, 12, 13, 16]

  it.each(RETRYABLE)('D8: %i is worth another try', async (code) => {
    const { receiver, exporter } = await setUp({ code, details: 'not now' })
    expect(await exporter.export(payloadOf())).toMatchObject({
      kind: 'retryable',
      cause: { what: expect.stringMatching(/^gRPC [A-Z_]+$/), message: 'not now' },
    })
    expect(receiver.calls).toHaveLength(1)
  })

  it.each(FINAL)('D8: %i is final', async (code) => {
    const { exporter } = await setUp({ code, details: 'never' })
    expect(await exporter.export(payloadOf())).toMatchObject({
      kind: 'failure',
      tooLarge: false,
      cause: { kind: expect.stringMatching(/^gRPC /), message: 'never' },
    })
  })

  it('D9, D10: 8, RESOURCE_EXHAUSTED, is worth another try when the server says when', async () => {
    const { exporter } = await setUp({ code: 8, details: 'slow down', retryDelayMillis: 2500 })
    expect(await exporter.export(payloadOf())).toMatchObject({
      kind: 'retryable',
      retryAfterMillis: 2500,
      cause: { kind: 'gRPC RESOURCE_EXHAUSTED', message: 'slow down' },
    })
  })

  it('D9: 8, RESOURCE_EXHAUSTED, is final when the server does not', async () => {
    const { exporter } = await setUp({ code: 8, details: 'quota exceeded' })
    expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'failure', tooLarge: false })
  })

  it('D10: 14, UNAVAILABLE, may say when, too', async () => {
    const { exporter } = await setUp({ code: 14, retryDelayMillis: 7000 })
    expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'retryable', retryAfterMillis: 7000 })
  })

  it.each<[number, string]>([
    [8, 'grpc: received message larger than max (5000000 vs. 4194304)'],
    [8, 'gRPC message exceeds maximum size 4194304: 5000000'],
    [8, 'Received message exceeds the maximum configured message size.'],
    [11, 'Error, decoded message length too large: found 5000000 bytes, the limit is: 4194304 bytes'],
  ])('%i with "%s" asks for smaller requests', async (code, details) => {
    const { exporter } = await setUp({ code, details })
    expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'failure', tooLarge: true })
  })

  it('of a server that takes no such message ask for smaller requests', async () => {
    const { exporter } = await setUp({}, {}, { maxMessageBytes: 1000 })
    expect(await exporter.export(payloadOf(2000))).toMatchObject({ kind: 'failure', tooLarge: true })
    expect(await exporter.export(payloadOf(500))).toEqual(SUCCESS)
  })

  it('D9: an answer that is too long for us does not make a delivery undone', async () => {
    const { receiver, exporter } = await setUp({ messageBytes: 1_000_000 })
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(receiver.calls).toHaveLength(1)
  })

  it('with a partial success tell how many were rejected, and why', async () => {
    const { exporter } = await setUp([
      { partialSuccess: { rejected: 2, message: 'too old' } },
      { partialSuccess: { rejected: 0, message: 'soon too old' } },
      { partialSuccess: { rejected: 0 } },
    ])
    expect(await exporter.export(payloadOf(1, 3))).toMatchObject({
      kind: 'success',
      rejected: 2,
      cause: { message: 'too old' },
    })
    expect(await exporter.export(payloadOf())).toMatchObject({ ...SUCCESS, message: 'soon too old' })
    expect(await exporter.export(payloadOf())).toMatchObject(SUCCESS)
  })

  it('UNAUTHENTICATED asks once for fresh headers', async () => {
    let asked = 0
    const freshHeaders = () => ({ authorization: `Bearer ${++asked}` })
    const { receiver, exporter } = await setUp([{ code: 16 }, {}, { code: 16 }], { freshHeaders })
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(await exporter.export(payloadOf())).toMatchObject({
      kind: 'failure',
      cause: { kind: 'gRPC UNAUTHENTICATED' },
    })
    expect(receiver.calls.map(({ metadata }) => metadata['authorization'])).toEqual([
      ['Bearer 1'],
      ['Bearer 2'],
      ['Bearer 2'],
      ['Bearer 3'],
    ])
  })
})

describe('the network', () => {
  it('with nobody there is worth another try, and says so', async () => {
    const receiver = await receive()
    await receiver.close()
    const { host } = new URL(receiver.endpoint)
    expect(await exporterTo(receiver.endpoint).export(payloadOf())).toEqual({
      kind: 'retryable',
      cause: { kind: 'ECONNREFUSED', what: `connect ECONNREFUSED ${host}`, hint: expect.stringContaining('4317') },
    })
  })

  it('has no such host: it is said which option to look at', async () => {
    expect(await exporterTo('http://nowhere.invalid:4317').export(payloadOf())).toMatchObject({
      kind: 'retryable',
      cause: {
        kind: 'ENOTFOUND',
        what: expect.stringContaining('nowhere.invalid'),
        hint: expect.stringContaining('endpoint'),
      },
    })
  })

  it('with a server that is back takes the very next attempt', async () => {
    const { receiver, exporter } = await setUp()
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    await receiver.close()
    for (let i = 0; i < 5; i++) expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'retryable' })
    const again = await receive({ port: receiver.port })
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(again.records).toHaveLength(1)
  })

  it('resets a call: it is worth another try, on another connection', async () => {
    const { receiver, exporter } = await setUp({ reset: true })
    expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'retryable' })
    receiver.setAnswer({})
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(receiver.sockets).toBe(2)
  })

  it('F05: closes an idle connection just when it is used again: that is no failure', async () => {
    const { receiver, exporter } = await setUp([{}, { reset: true }, {}])
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(receiver.calls).toHaveLength(3)
  })

  it('is asked anew after the server has cut an idle connection', async () => {
    const { receiver, exporter } = await setUp()
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    receiver.cutSockets()
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(receiver.records).toHaveLength(2)
  })

  it('ends a connection by its age, as servers behind a load balancer do: no call fails by it, and none comes twice', async () => {
    // So old that not even a busy machine takes as long from connecting to asking.
    const { receiver, exporter } = await setUp({ delayMillis: 5 }, {}, { maxConnectionAgeMillis: 300 })
    let sent = 0
    for (; receiver.sockets < 4; sent++) expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(receiver.records).toHaveLength(sent)
  })

  it('at a port that speaks HTTP/1.1 says which port it should be', async () => {
    const receiver = await startReceiver()
    opened.push(receiver)
    expect(await exporterTo(receiver.endpoint).export(payloadOf())).toMatchObject({
      kind: 'retryable',
      cause: { hint: expect.stringContaining('4317') },
    })
  })
})

it('B12: is made with tracing suppressed, so that instrumentation of gRPC sees nothing', async () => {
  const API = Symbol.for('opentelemetry.js.api.1')
  const SUPPRESS = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
  const made: unknown[] = []
  let active = ROOT_CONTEXT
  const context = {
    active: () => active,
    with<T>(next: Context, run: () => T): T {
      const before = active
      active = next
      try {
        return run()
      } finally {
        active = before
      }
    },
  }
  const { makeUnaryRequest } = Client.prototype
  const spied = jest.spyOn(Client.prototype, 'makeUnaryRequest').mockImplementation(function (this: Client, ...args) {
    made.push(active.getValue(SUPPRESS))
    return makeUnaryRequest.apply(this, args)
  })
  Object.assign(globalThis, { [API]: { context } })
  try {
    const { exporter } = await setUp()
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(made).toEqual([true])
    expect(active).toBe(ROOT_CONTEXT)
  } finally {
    spied.mockRestore()
    Reflect.deleteProperty(globalThis, API)
  }
})

describe('a proxy of the environment', () => {
  it('is not asked for this machine', async () => {
    const before = process.env['http_proxy']
    process.env['http_proxy'] = 'http://127.0.0.1:1'
    try {
      const { exporter } = await setUp()
      expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    } finally {
      if (before === undefined) delete process.env['http_proxy']
      else process.env['http_proxy'] = before
    }
  })
})

describe('close', () => {
  it('cuts a call under way, and frees the connection', async () => {
    const { receiver, exporter } = await setUp({ hang: true })
    const result = exporter.export(payloadOf())
    await receiver.waitForCalls(1)
    exporter.close()
    expect(await result).toMatchObject({ kind: 'retryable' })
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
  })

  it('waits for no headers, and opens no connection', async () => {
    const { receiver, exporter } = await setUp({}, { freshHeaders: () => new Promise(() => {}) })
    const result = exporter.export(payloadOf())
    exporter.close()
    expect(await result).toMatchObject({ kind: 'retryable' })
    expect(receiver.sockets).toBe(0)
  })
})

describe('records of another process', () => {
  it('that are protobuf are sent, and those that are JSON are not', async () => {
    const { receiver, exporter } = await setUp()
    expect(await exporter.export({ ...payloadOf(), contentType: 'application/x-protobuf' })).toEqual(SUCCESS)
    expect(await exporter.export({ ...payloadOf(), contentType: 'application/json' })).toMatchObject({
      kind: 'failure',
    })
    expect(receiver.calls).toHaveLength(1)
  })
})

it('may be sent by others: plain has path, headers, and what gRPC needs beside them', async () => {
  const { receiver, exporter } = await setUp({}, { headers: { authorization: 'Bearer t', connection: 'close' } })
  expect(exporter.plain).toEqual({
    url: `${receiver.endpoint}/opentelemetry.proto.collector.logs.v1.LogsService/Export`,
    isGrpc: true,
    headers: {
      authorization: 'Bearer t',
      'user-agent': 'test/1',
      'content-type': 'application/grpc',
      te: 'trailers',
    },
  })
})
