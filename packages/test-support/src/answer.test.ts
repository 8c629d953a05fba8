import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import { createGunzip, gunzipSync } from 'node:zlib'
import { type Answer, encodeRequestBytes, encodeResponseBytes, type Receiver, startReceiver } from './index.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(() => receiver.close())

interface Reply {
  status: number | undefined
  headers: IncomingHttpHeaders
  body: Buffer
  /** Why the body ended early, if it did. */
  cut?: Error
}

/** A plain client. Rejects when there is no status line, and resolves with what came otherwise. */
function post(type: 'x-protobuf' | 'json' = 'x-protobuf', signal?: AbortSignal): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { 'content-type': `application/${type}` }, agent: new Agent() }
    let answered = false
    const outgoing = httpRequest(receiver.url, { ...options, ...(signal && { signal }) }, (response) => {
      answered = true
      const chunks: Buffer[] = []
      const reply = () => ({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(reply()))
      response.on('error', (cut) => resolve({ ...reply(), cut }))
    })
    // A reset in the middle of the body is an error of both; the body's own tells what came.
    outgoing.on('error', (error) => answered || reject(error))
    outgoing.end(type === 'json' ? JSON.stringify(JSON_BATCH) : BATCH)
  })
}

const JSON_BATCH = {
  resourceLogs: [{ scopeLogs: [{ logRecords: ['a', 'b', 'c'].map((body) => ({ body: { stringValue: body } })) }] }],
}
const BATCH = encodeRequestBytes(JSON_BATCH)

function bodies(): unknown[] {
  return receiver.records.map(({ body }) => body)
}

describe('Answer', () => {
  test('is success by default, in the encoding of the request', async () => {
    expect(await post()).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/x-protobuf', 'content-length': '0' },
      body: Buffer.alloc(0),
    })
    expect(await post('json')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from('{}'),
    })
    expect(bodies()).toEqual(['a', 'b', 'c', 'a', 'b', 'c'])
  })

  test('status, headers and body are sent as given; an error accepts nothing', async () => {
    receiver.setAnswer({ status: 503, headers: { 'retry-after': '30' }, body: 'later' })
    const reply = await post()
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '30', 'content-type': 'text/plain' } })
    expect(reply.body.toString()).toBe('later')
    expect(bodies()).toEqual([])
    expect(receiver.allRecords).toHaveLength(3)
    expect(receiver.requests[0]?.accepted).toBe(false)
  })

  test.each<[string, Answer, number]>([
    ['success that was not stored', { accept: false }, 0],
    ['an error after the store', { status: 503, accept: true }, 3],
  ])('accept tells %s', async (_name, answer, accepted) => {
    receiver.setAnswer(answer)
    await post()
    expect(receiver.records).toHaveLength(accepted)
  })

  test('partialSuccess is encoded by the official schema, and the rejected records are not accepted', async () => {
    receiver.setAnswer({ partialSuccess: { rejected: 2, message: 'too old' } })
    const expected = encodeResponseBytes({ partialSuccess: { rejectedLogRecords: 2, errorMessage: 'too old' } })
    // partial_success { rejected_log_records: 2, error_message: 'too old' }
    expect(expected.toString('latin1')).toBe('\x0a\x0b\x08\x02\x12\x07too old')
    expect((await post()).body).toEqual(expected)
    expect(bodies()).toEqual(['a'])

    receiver.setAnswer({ partialSuccess: { rejected: '3' } })
    expect(JSON.parse((await post('json')).body.toString())).toEqual({
      partialSuccess: { rejectedLogRecords: '3', errorMessage: '' },
    })
    expect(bodies()).toEqual(['a'])
  })

  test('gzipAnswer compresses the body', async () => {
    receiver.setAnswer({ body: 'hello', gzipAnswer: true })
    const reply = await post()
    expect(reply.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(reply.body).toString()).toBe('hello')
  })

  test('delayMillis answers late, and not at all when the client has left', async () => {
    receiver.setAnswer({ delayMillis: 50 })
    const startedAt = performance.now()
    expect((await post()).status).toBe(200)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(49)

    receiver.setAnswer({ delayMillis: 60_000 })
    const leave = new AbortController()
    const reply = post('x-protobuf', leave.signal)
    await receiver.waitForRequests(2)
    leave.abort()
    await expect(reply).rejects.toThrow('aborted')
    await receiver.waitFor(({ openRequests }) => openRequests === 0)
    expect(bodies()).toEqual(['a', 'b', 'c'])
  })

  test('hang never answers', async () => {
    receiver.setAnswer({ hang: true })
    const leave = new AbortController()
    const reply = post('x-protobuf', leave.signal)
    await receiver.waitForRequests(1)
    expect(receiver.openRequests).toBe(1)
    leave.abort()
    await expect(reply).rejects.toThrow('aborted')
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
    expect(bodies()).toEqual([])
  })

  test('reset before the answer leaves the client without a status', async () => {
    receiver.setAnswer({ reset: 'before-answer' })
    // A connection that merely ends is 'socket hang up'.
    await expect(post()).rejects.toThrow('read ECONNRESET')
    expect(bodies()).toEqual([])
  })

  test('reset in mid-answer comes after a status, so the records count as accepted', async () => {
    receiver.setAnswer({ reset: 'mid-answer' })
    expect(await post()).toMatchObject({ status: 200, cut: { code: 'ECONNRESET' } })
    expect(bodies()).toEqual(['a', 'b', 'c'])
  })

  test('trickle sends its bytes slowly, and stops when the client leaves', async () => {
    receiver.setAnswer({ trickle: { bytesPerChunk: 2, intervalMillis: 1, totalBytes: 7 } })
    const reply = await post()
    expect(reply.headers['content-length']).toBe('7')
    expect(reply.body).toHaveLength(7)

    receiver.setAnswer({ trickle: { bytesPerChunk: 1, intervalMillis: 1, totalBytes: 1_000_000 } })
    const leave = new AbortController()
    const cut = post('x-protobuf', leave.signal)
    await receiver.waitForRecords(6)
    leave.abort()
    await cut.catch(() => {})
    await receiver.waitFor(({ openRequests }) => openRequests === 0)
  })

  test('bodyBytes sends a text of so many bytes', async () => {
    receiver.setAnswer({ bodyBytes: 200_001 })
    const reply = await post()
    expect(reply.headers['content-type']).toBe('text/plain')
    expect(reply.body).toHaveLength(200_001)
  })

  test('gzipBomb is small, and unpacks to so many bytes', async () => {
    receiver.setAnswer({ gzipBomb: { bytes: 20_000_001 } })
    const reply = await post()
    expect(reply.headers['content-encoding']).toBe('gzip')
    expect(reply.body.length).toBeLessThan(50_000)
    const gunzip = createGunzip()
    gunzip.end(reply.body)
    let bytes = 0
    for await (const chunk of gunzip) bytes += (chunk as Buffer).length
    expect(bytes).toBe(20_000_001)
  })
})

describe('Script', () => {
  test('gives its answers in order and repeats the last', async () => {
    receiver.setAnswer([{ status: 503 }, { status: 429 }, {}])
    const statuses: unknown[] = []
    for (let n = 0; n < 4; n += 1) statuses.push((await post()).status)
    expect(statuses).toEqual([503, 429, 200, 200])
    receiver.setAnswer([{ status: 500 }])
    expect((await post()).status).toBe(500)
  })

  test('may be a function of the request and its number', async () => {
    receiver.setAnswer(async (request, index) => ({ status: 200 + index, body: `${request.rawBody.length}` }))
    expect((await post()).status).toBe(200)
    const reply = await post()
    expect(reply.status).toBe(201)
    expect(reply.body.toString()).toBe(`${BATCH.length}`)
  })

  test('that throws is a problem of its request, and ends it', async () => {
    receiver.setAnswer(() => {
      throw new Error('poison')
    })
    await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(receiver.problems).toEqual(['request 0: the script failed: poison'])
  })
})
