import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { encodeRequestBytes, makeTempFolder, type Receiver, type ReceiverOptions, startReceiver } from './index.ts'

const receivers: Receiver[] = []

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})

async function start(options?: ReceiverOptions): Promise<Receiver> {
  const receiver = await startReceiver(options)
  receivers.push(receiver)
  return receiver
}

function batch(...bodies: string[]): Buffer {
  const logRecords = bodies.map((body) => ({ body: { stringValue: body } }))
  return encodeRequestBytes({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
}

async function post(url: string, body: Buffer, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-type': 'application/x-protobuf', ...headers },
  })
  await response.arrayBuffer()
  return response.status
}

describe('Receiver', () => {
  test('keeps requests and records in order, with what was sent', async () => {
    const receiver = await start()
    expect(receiver.url).toBe(`${receiver.endpoint}/v1/logs`)
    await post(receiver.url, batch('a', 'b'), { 'x-key': 'value' })
    await post(receiver.url, batch('c'))
    expect(receiver.records.map(({ body, requestIndex }) => [body, requestIndex])).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 1],
    ])
    expect(receiver.allRecords).toEqual(receiver.records)
    expect(receiver.requests[0]).toMatchObject({
      index: 0,
      method: 'POST',
      path: '/v1/logs',
      headers: { 'x-key': 'value' },
      rawBody: batch('a', 'b'),
      body: batch('a', 'b'),
      encoding: 'protobuf',
      compression: 'identity',
      accepted: true,
      at: expect.any(Number),
    })
    expect(receiver.problems).toEqual([])
  })

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ])('reads %s', async (compression, compress) => {
    const receiver = await start()
    await post(receiver.url, compress(batch('a')), { 'content-encoding': compression })
    expect(receiver.records.map(({ body }) => body)).toEqual(['a'])
    expect(receiver.requests[0]).toMatchObject({ compression, rawBody: compress(batch('a')), body: batch('a') })
    expect(receiver.problems).toEqual([])
  })

  test('reads JSON', async () => {
    const receiver = await start()
    const json = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'a' } }] }] }] }
    const type = { 'content-type': 'application/json; charset=utf-8' }
    expect(await post(receiver.url, Buffer.from(JSON.stringify(json)), type)).toBe(200)
    expect(receiver.records.map(({ body }) => body)).toEqual(['a'])
    expect(receiver.requests[0]?.encoding).toBe('json')
  })

  test.each<[string, Buffer, Record<string, string>, string]>([
    ['broken protobuf', Buffer.from([0xff]), {}, 'unreadable protobuf'],
    ['broken gzip', batch('a'), { 'content-encoding': 'gzip' }, 'unreadable gzip'],
    ['an unknown compression', batch('a'), { 'content-encoding': 'snappy' }, 'unreadable snappy'],
    ['an unknown type', batch('a'), { 'content-type': 'text/plain' }, 'content-type text/plain'],
  ])('answers %s with 400 and says why', async (_name, body, headers, problem) => {
    const receiver = await start()
    expect(await post(receiver.url, body, headers)).toBe(400)
    expect(receiver.problems).toEqual([expect.stringContaining(`request 0: ${problem}`)])
    expect(receiver.allRecords).toEqual([])
    expect(receiver.requests[0]).toMatchObject({ message: undefined, accepted: false })
  })

  test('answers another path with 404, and does not accept', async () => {
    const receiver = await start({ path: '/otlp/v1/logs' })
    expect(receiver.url).toBe(`${receiver.endpoint}/otlp/v1/logs`)
    expect(await post(`${receiver.endpoint}/v1/logs`, batch('a'))).toBe(404)
    expect(receiver.problems).toEqual(['request 0: path /v1/logs instead of /otlp/v1/logs'])
    expect(await post(receiver.url, batch('b'))).toBe(200)
    expect(receiver.records.map(({ body }) => body)).toEqual(['b'])
  })

  test('waits for records and requests at the event itself', async () => {
    const receiver = await start()
    const records = receiver.waitForRecords(3)
    const requests = receiver.waitForRequests(2)
    const idle = receiver.waitFor((now) => now.requests.length === 2 && now.openRequests === 0)
    await post(receiver.url, batch('a', 'b'))
    await post(receiver.url, batch('c'))
    expect((await records).map(({ body }) => body)).toEqual(['a', 'b', 'c'])
    expect(await requests).toHaveLength(2)
    await idle
  })

  test('a wait that fails says how many came', async () => {
    const receiver = await start()
    await post(receiver.url, batch('a', 'b'))
    await expect(receiver.waitForRecords(3, 1)).rejects.toThrow(
      'Expected 3 records within 1 ms, got 2 records accepted of 2 received in 1 requests',
    )
  })

  test('a wait ends when its predicate throws', async () => {
    const receiver = await start()
    const wait = receiver.waitFor(() => {
      throw new Error('no such record')
    })
    await expect(wait).rejects.toThrow('no such record')
  })

  test('counts connections and open requests', async () => {
    const receiver = await start({ answer: { hang: true } })
    const agent = new Agent({ keepAlive: true })
    for (let n = 0; n < 2; n += 1) send(receiver.url, agent)
    await receiver.waitForRequests(2)
    expect(receiver).toMatchObject({ sockets: 2, openSockets: 2, openRequests: 2, maxOpenRequests: 2 })
    expect(receiver.requests.map(({ socket }) => socket).toSorted()).toEqual([1, 2])
    agent.destroy()
    await receiver.waitFor(({ openSockets, openRequests }) => openSockets === 0 && openRequests === 0)
    expect(receiver).toMatchObject({ sockets: 2, maxOpenRequests: 2 })
  })

  test('tells by which connection a request came', async () => {
    const receiver = await start()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const answers: Promise<unknown>[] = []
    for (let n = 0; n < 2; n += 1) answers.push(new Promise((done) => send(receiver.url, agent, done)))
    await Promise.all(answers)
    expect(receiver.requests.map(({ socket }) => socket)).toEqual([1, 1])
    agent.destroy()
  })

  test('closes idle connections when asked', async () => {
    const receiver = await start()
    const agent = new Agent({ keepAlive: true })
    await new Promise((done) => send(receiver.url, agent, done))
    await receiver.waitFor(({ openRequests }) => openRequests === 0)
    expect(receiver.openSockets).toBe(1)
    receiver.closeIdleSockets()
    await receiver.waitFor(({ openSockets }) => openSockets === 0)
    agent.destroy()
  })

  test('counts a request that breaks off, and does not list it', async () => {
    const receiver = await start()
    const socket = connect(receiver.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
    await receiver.waitFor(({ openRequests }) => openRequests === 1)
    socket.destroy()
    await receiver.waitFor(({ brokenRequests }) => brokenRequests === 1)
    expect(receiver).toMatchObject({ requests: [], openRequests: 0 })
  })

  test('close leaves nothing open, ends what waits, frees the port, and may be called twice', async () => {
    const receiver = await start({ answer: { hang: true } })
    const failed = new Promise((done) => send(receiver.url, undefined, undefined, done))
    connect(receiver.port, '127.0.0.1').on('error', () => {})
    await receiver.waitForRequests(1)
    await receiver.waitFor(({ sockets }) => sockets === 2)
    const wait = receiver.waitForRecords(1)
    const closed = Promise.all([receiver.close(), receiver.close()])
    await expect(wait).rejects.toThrow('The receiver was closed, it had got 0 records accepted of 1 received')
    await closed
    await failed
    await expect(receiver.waitForRecords(1)).rejects.toThrow('The receiver was closed')
    expect(receiver.openSockets).toBe(0)
    const next = await start({ port: receiver.port })
    expect(await post(next.url, batch('a'))).toBe(200)
  })

  test('rejects when the port is taken', async () => {
    const receiver = await start()
    await expect(startReceiver({ port: receiver.port })).rejects.toThrow('EADDRINUSE')
  })

  test('serves https, resets included, and changes its certificate on demand', async () => {
    const folder = makeTempFolder()
    const [first, second] = ['first', 'second'].map((name) => makeCertificate(folder.path, name))
    if (first === undefined || second === undefined) throw new Error('no certificates')
    const receiver = await start({ tls: first })
    expect(receiver.endpoint).toBe(`https://127.0.0.1:${receiver.port}`)
    expect(await postTls(receiver.url, batch('a'), first.cert)).toBe(200)
    expect(receiver.records.map(({ body }) => body)).toEqual(['a'])
    expect(receiver.requests[0]?.socket).toBe(1)
    receiver.setTls(second)
    await expect(postTls(receiver.url, batch('b'), first.cert)).rejects.toThrow(/self-signed/)
    expect(await postTls(receiver.url, batch('b'), second.cert)).toBe(200)
    receiver.setAnswer({ reset: 'before-answer' })
    await expect(postTls(receiver.url, batch('c'), second.cert)).rejects.toThrow(/socket hang up|ECONNRESET/)
    folder.remove()
  })
})

function send(url: string, agent?: Agent, done?: (value?: unknown) => void, failed?: (error: Error) => void): void {
  const options = { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, ...(agent && { agent }) }
  const outgoing = httpRequest(url, options, (response) => response.resume().on('end', () => done?.()))
  outgoing.on('error', (error) => failed?.(error))
  outgoing.end(batch('a'))
}

function postTls(url: string, body: Buffer, ca: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf' }
    const outgoing = httpsRequest(url, { method: 'POST', ca, agent: false, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function makeCertificate(folder: string, name: string): { key: Buffer; cert: Buffer } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  const what = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const whom = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...what, ...whom, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}
