import { channel } from 'node:diagnostics_channel'
import { randomBytes } from 'node:crypto'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { gunzipSync } from 'node:zlib'
import {
  type Answer,
  encodeRequestBytes,
  type Receiver,
  type ReceiverOptions,
  type Script,
  startReceiver,
} from '@otlp-logs/test-support'
import type { Exporter, Payload } from './export.ts'
import { createHttpExporter, type HttpOptions } from './http.ts'
import { RequestHeaders, type RequestHeadersOptions } from './request-headers.ts'

/** One record with a body of so many characters, by the official schema, in pieces. */
function payloadOf(characters = 5): Payload {
  const logRecords = [{ body: { stringValue: 'x'.repeat(characters) } }]
  const bytes = encodeRequestBytes({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  return { chunks: [bytes.subarray(0, 3), bytes.subarray(3)], bytes: bytes.length, count: 1 }
}

const SUCCESS = { kind: 'success', rejected: 0, isPayloadFree: true }

const opened: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close()
})

type Options = Partial<Omit<HttpOptions, 'headers'> & RequestHeadersOptions>

function exporterTo(url: string, options: Options = {}): Exporter {
  const timeoutMillis = 10_000
  const exporter = createHttpExporter({
    url,
    compression: 'none',
    timeoutMillis,
    concurrency: 1,
    ...options,
    headers: new RequestHeaders({
      protocol: 'http/protobuf',
      headers: {},
      timeoutMillis,
      userAgent: 'test/1',
      ...options,
    }),
  })
  opened.push(exporter)
  return exporter
}

async function setUp(
  answer: Answer | Script = {},
  options: Options = {},
  more: ReceiverOptions = {},
): Promise<{ receiver: Receiver; exporter: Exporter }> {
  const receiver = await startReceiver({ answer, ...more })
  opened.push(receiver)
  return { receiver, exporter: exporterTo(receiver.url, options) }
}

describe('a request', () => {
  it('carries the payload, its length, the content type and the headers', async () => {
    const { receiver, exporter } = await setUp({}, { headers: { 'x-scope-orgid': 'a', 'content-type': 'no' } })
    const payload = payloadOf()
    expect(await exporter.export(payload)).toEqual(SUCCESS)
    const [request] = receiver.requests
    expect(request).toMatchObject({ rawBody: Buffer.concat(payload.chunks), problems: [] })
    expect(request!.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'content-length': String(payload.bytes),
      'x-scope-orgid': 'a',
      'user-agent': 'test/1',
    })
    expect(request!.headers).not.toHaveProperty('transfer-encoding')
  })

  it.each(['gzip', 'zstd'] as const)('is compressed with %s, and every decoder can read it', async (compression) => {
    const { receiver, exporter } = await setUp({}, { compression })
    await exporter.export(payloadOf(100_000))
    const [request] = receiver.requests
    expect(request).toMatchObject({ compression, problems: [] })
    expect(request!.rawBody.length).toBeLessThan(1000)
    expect(receiver.records[0]!.body).toBe('x'.repeat(100_000))
  })

  it('may be made by others: plain has its URL and headers, without compression', async () => {
    const { receiver, exporter } = await setUp({}, { compression: 'gzip', headers: { authorization: 'Bearer t' } })
    const headers = {
      authorization: 'Bearer t',
      'user-agent': 'test/1',
      'content-type': 'application/x-protobuf',
    }
    expect(exporter.plain).toEqual({ url: receiver.url, headers })
  })

  it('is not followed elsewhere', async () => {
    const elsewhere = await setUp()
    const { exporter } = await setUp({ status: 307, headers: { location: elsewhere.receiver.url } })
    expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'failure', cause: { kind: 'HTTP 307' } })
    expect(elsewhere.receiver.sockets).toBe(0)
  })

  it('is made with tracing suppressed, and all else of the context kept', async () => {
    const API = Symbol.for('opentelemetry.js.api.1')
    const SUPPRESS = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
    const own = Symbol('own')
    class Context {
      readonly values: ReadonlyMap<symbol, unknown>
      constructor(values: ReadonlyMap<symbol, unknown>) {
        this.values = values
      }
      getValue = (key: symbol) => this.values.get(key)
      setValue = (key: symbol, value: unknown) => new Context(new Map([...this.values, [key, value]]))
    }
    let active = new Context(new Map([[own, 'kept']]))
    const context = {
      active: () => active,
      with<T>(next: Context, fn: () => T): T {
        const before = active
        active = next
        try {
          return fn()
        } finally {
          active = before
        }
      },
    }
    const seen: unknown[] = []
    // Where instrumentation of http looks, too.
    const created = channel('http.client.request.created')
    const look = () => void seen.push([active.getValue(SUPPRESS), active.getValue(own)])
    created.subscribe(look)
    Object.assign(globalThis, { [API]: { context } })
    try {
      const { exporter } = await setUp()
      await exporter.export(payloadOf())
      expect(seen).toEqual([[true, 'kept']])
      expect(active.getValue(SUPPRESS)).toBeUndefined()
    } finally {
      created.unsubscribe(look)
      delete (globalThis as { [API]?: unknown })[API]
    }
  })
})

describe('connections', () => {
  it('are kept alive from one request to the next', async () => {
    const { receiver, exporter } = await setUp()
    for (let i = 0; i < 5; i++) await exporter.export(payloadOf())
    expect(receiver.requests).toHaveLength(5)
    expect(receiver.sockets).toBe(1)
  })

  it('are kept alive also after an answer that is an error, or compressed', async () => {
    const script: Answer[] = [{ status: 400, body: 'no' }, { status: 503 }, { gzipAnswer: true }, {}]
    const { receiver, exporter } = await setUp(script)
    for (let i = 0; i < 4; i++) await exporter.export(payloadOf())
    expect(receiver.sockets).toBe(1)
  })

  it('are as many as concurrency allows', async () => {
    const { receiver, exporter } = await setUp({ delayMillis: 20 }, { concurrency: 2 })
    await Promise.all(Array.from({ length: 6 }, () => exporter.export(payloadOf())))
    expect(receiver.records).toHaveLength(6)
    expect(receiver.maxOpenRequests).toBe(2)
  })

  it('that the server closed just when one was used again cost one more attempt, at once', async () => {
    const { receiver, exporter } = await setUp([{}, { reset: 'before-answer' }, {}])
    await exporter.export(payloadOf())
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(receiver.requests).toHaveLength(3)
    expect(receiver.sockets).toBe(2)
  })

  it('that break when they are new are an error, at first and second attempt', async () => {
    const { receiver, exporter } = await setUp({ reset: 'before-answer' })
    const reset = { kind: 'retryable', cause: { kind: 'ECONNRESET' } }
    expect(await exporter.export(payloadOf())).toMatchObject(reset)
    expect(receiver.requests).toHaveLength(1)
    receiver.setAnswer([{}, { reset: 'before-answer' }])
    await exporter.export(payloadOf())
    expect(await exporter.export(payloadOf())).toMatchObject(reset)
    expect(receiver.requests).toHaveLength(4)
  })

  it('that nobody takes, or that speak no HTTP, are retryable errors with a hint', async () => {
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('220 mail.example.com ESMTP\r\n'),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`
    expect(await exporterTo(url).export(payloadOf())).toMatchObject({
      kind: 'retryable',
      cause: { kind: expect.stringMatching(/^HPE_/), hint: expect.any(String) },
    })
    await new Promise((resolve) => server.close(resolve))
    expect(await exporterTo(url).export(payloadOf())).toMatchObject({
      kind: 'retryable',
      cause: { kind: 'ECONNREFUSED', what: `connect ECONNREFUSED ${new URL(url).host}`, hint: expect.any(String) },
    })
  })
})

describe('the payload', () => {
  /** A server that answers before it reads, and reads on when it is told to. */
  async function earlyServer(): Promise<{ url: string; read(): Promise<Buffer> }> {
    const incoming = Promise.withResolvers<IncomingMessage>()
    const server = createHttpServer((request, response) => {
      // Or Node would throw away what comes after the answer.
      request.read(0)
      incoming.resolve(request)
      response.end()
    })
    opened.push({ close: () => server.close() })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      url: `http://127.0.0.1:${(server.address() as { port: number }).port}/`,
      read: async () => Buffer.concat(await (await incoming.promise).toArray()),
    }
  }

  it.each(['none', 'gzip', 'zstd'] as const)(
    'is free when the system has taken the request (%s)',
    async (compression) => {
      const { exporter } = await setUp({}, { compression })
      for (const characters of [1, 100_000, 3_000_000]) {
        expect(await exporter.export(payloadOf(characters))).toEqual(SUCCESS)
      }
    },
  )

  it('is free when it was sent in thousands of pieces', async () => {
    const { exporter } = await setUp()
    const { chunks, ...payload } = payloadOf(1_000_000)
    const whole = Buffer.concat(chunks)
    const pieces = Array.from({ length: 5001 }, (_, i) => whole.subarray(i * 200, (i + 1) * 200))
    for (let i = 0; i < 5; i++) expect(await exporter.export({ ...payload, chunks: pieces })).toEqual(SUCCESS)
  })

  it('is not free when the answer came first: what is still to be sent is read from it', async () => {
    const server = await earlyServer()
    const payload = payloadOf(50_000_000)
    expect(await exporterTo(server.url).export(payload)).toEqual({ ...SUCCESS, isPayloadFree: false })
    const expected = Buffer.concat(payload.chunks)
    expect((await server.read()).equals(expected)).toBe(true)
  })

  it('is free when the answer came first, and what is sent is compressed, and so a copy', async () => {
    const server = await earlyServer()
    const exporter = exporterTo(server.url, { compression: 'gzip' })
    const payload = payloadOf(0)
    const noise = [...payload.chunks, randomBytes(20_000_000)]
    expect(await exporter.export({ ...payload, chunks: noise })).toEqual(SUCCESS)
    const expected = Buffer.concat(noise)
    for (const chunk of noise) chunk.fill(0xff)
    expect(gunzipSync(await server.read()).equals(expected)).toBe(true)
  })

  it('is not free when one of several attempts may still read it', async () => {
    const { port, ...server } = await resettingServer()
    opened.push(server)
    const exporter = exporterTo(`http://127.0.0.1:${port}/`)
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    // Much more than the system takes at once: the second is cut in the middle of it.
    expect(await exporter.export(payloadOf(50_000_000))).toEqual({ ...SUCCESS, isPayloadFree: false })
  })

  /** Resets the second request before it has come in, and takes all others. */
  async function resettingServer(): Promise<{ port: number; close(): void }> {
    let requests = 0
    const server = createHttpServer((request, response) => {
      if (++requests === 2) request.socket.resetAndDestroy()
      else request.resume().on('end', () => response.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { port: (server.address() as { port: number }).port, close: () => void server.close() }
  }
})

describe('the deadline', () => {
  const slow: Answer = { trickle: { bytesPerChunk: 1, intervalMillis: 20, totalBytes: 100_000 } }

  it('ends a request that nobody answers', async () => {
    const { exporter } = await setUp({ hang: true }, { timeoutMillis: 200 })
    const startedAt = performance.now()
    expect(await exporter.export(payloadOf())).toEqual({
      kind: 'retryable',
      cause: { kind: 'timeout', what: 'no answer within 200 ms', hint: expect.stringContaining('timeoutMillis') },
    })
    expect(performance.now() - startedAt).toBeGreaterThan(190)
  })

  it.each<[number, object]>([
    [200, { kind: 'success', rejected: 0 }],
    [503, { kind: 'retryable', cause: { kind: 'HTTP 503' } }],
    [400, { kind: 'failure', cause: { kind: 'HTTP 400' } }],
  ])(
    'is a total, so that an answer in drops does not outlast it; of %i its status line counts',
    async (status, result) => {
      const { receiver, exporter } = await setUp({ ...slow, status }, { timeoutMillis: 300 })
      const startedAt = performance.now()
      expect(await exporter.export(payloadOf())).toMatchObject(result)
      expect(performance.now() - startedAt).toBeGreaterThan(290)
      await receiver.waitFor(({ openSockets }) => openSockets === 0)
      expect(receiver.requests).toHaveLength(1)
    },
  )

  it('is none with timeoutMillis 0', async () => {
    const { exporter } = await setUp({ delayMillis: 300 }, { timeoutMillis: 0 })
    expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'success' })
  })
})

describe('an answer', () => {
  it('that breaks off after its status line has decided', async () => {
    const { receiver, exporter } = await setUp([{ reset: 'mid-answer' }, { reset: 'mid-answer', status: 503 }])
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    expect(await exporter.export(payloadOf())).toMatchObject({ kind: 'retryable', cause: { kind: 'HTTP 503' } })
    expect(receiver.requests).toHaveLength(2)
  })

  it.each<[string, Answer]>([
    ['plain', { bodyBytes: 64 * 2 ** 20 }],
    ['unpacked', { gzipBomb: { bytes: 64 * 2 ** 20 } }],
  ])('of more than 64 KiB, %s, is not read, and its status line has decided', async (_name, answer) => {
    const { receiver, exporter } = await setUp([answer, { ...answer, status: 400 }])
    expect(await exporter.export(payloadOf())).toEqual(SUCCESS)
    const result = await exporter.export(payloadOf())
    expect(result).toMatchObject({ kind: 'failure', cause: { kind: 'HTTP 400', message: undefined } })
    expect(receiver.requests).toHaveLength(2)
  })
})

describe('close', () => {
  it('cuts a request under way', async () => {
    const { receiver, exporter } = await setUp({ hang: true })
    const result = exporter.export(payloadOf())
    await receiver.waitForRequests(1)
    exporter.close()
    expect(await result).toMatchObject({ kind: 'retryable' })
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
  })

  it('cuts a request on a connection that was used before, and makes no other', async () => {
    const { receiver, exporter } = await setUp([{}, { hang: true }])
    await exporter.export(payloadOf())
    const result = exporter.export(payloadOf())
    await receiver.waitForRequests(2)
    exporter.close()
    expect(await result).toMatchObject({ kind: 'retryable' })
    expect(receiver.sockets).toBe(1)
  })

  it('comes before a request whose payload is still compressed', async () => {
    const { receiver, exporter } = await setUp({}, { compression: 'gzip' })
    const result = exporter.export(payloadOf())
    exporter.close()
    expect(await result).toMatchObject({ kind: 'retryable' })
    expect(receiver.sockets).toBe(0)
  })

  it('frees idle connections', async () => {
    const { receiver, exporter } = await setUp()
    await exporter.export(payloadOf())
    expect(receiver.openSockets).toBe(1)
    exporter.close()
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
  })
})
