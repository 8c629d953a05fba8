import { startReceiver } from '@otlp-logs/test-support'
import { createHttpExporter } from './http.ts'
import { RequestHeaders, type RequestHeadersOptions } from './request-headers.ts'

const PAYLOAD = { chunks: [Buffer.from('{"resourceLogs":[{}]}')], bytes: 21, count: 1 }

function headersOf(options: Partial<RequestHeadersOptions> = {}): RequestHeaders {
  return new RequestHeaders({
    protocol: 'http/json',
    headers: { 'x-tenant': 'a' },
    userAgent: 'test/1',
    timeoutMillis: 10_000,
    ...options,
  })
}

describe('RequestHeaders', () => {
  it('gives the settled ones, at once, where there is no function', async () => {
    const headers = headersOf()
    const all = { 'x-tenant': 'a', 'user-agent': 'test/1', 'content-type': 'application/json' }
    expect(await headers.next()).toEqual(all)
    expect(headers.atOnce).toEqual(all)
    expect(headers.canRefresh).toBe(false)
  })

  it('asks the function once, before the first request, and adds what it gives', async () => {
    const freshHeaders = jest.fn(async () => ({ Authorization: 'Bearer 1' }))
    const headers = headersOf({ freshHeaders })
    expect(headers.atOnce).toBeUndefined()
    freshHeaders.mockClear()
    expect(await headers.next()).toMatchObject({ 'x-tenant': 'a', authorization: 'Bearer 1' })
    await headers.next()
    expect(freshHeaders).toHaveBeenCalledTimes(1)
    expect(headers.atOnce).toMatchObject({ authorization: 'Bearer 1' })
  })

  it('asks a function that needs no waiting also at the last moment', () => {
    expect(headersOf({ freshHeaders: () => ({ a: 'b' }) }).atOnce).toMatchObject({ a: 'b' })
  })

  it('asks once for requests side by side', async () => {
    let n = 0
    const headers = headersOf({ freshHeaders: async () => ({ authorization: `Bearer ${++n}` }) })
    await Promise.all([headers.refresh(), headers.refresh()])
    expect(await headers.next()).toMatchObject({ authorization: 'Bearer 1' })
  })

  it('tells every value before it is used', async () => {
    const told: string[] = []
    const headers = headersOf({
      freshHeaders: () => ({ a: 'one', b: 'two' }),
      onSecrets: (values) => told.push(...values),
    })
    await headers.next()
    expect(told).toEqual(['one', 'two'])
  })

  it.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no token')
      },
      /^`headers` failed: no token$/,
    ],
    ['rejects', () => Promise.reject(new Error('no token')), /^`headers` failed: no token$/],
    ['gives none', () => undefined, /^`headers` failed: Expected `headers\(\)` to be an object of strings/],
    ['gives a number', () => ({ a: 1 }), /^`headers` failed: Expected `headers\(\)\.a` to be a string/],
    ['never answers', () => new Promise(() => {}), /^`headers` failed: it gave none within 20 ms$/],
  ])('says what is wrong with a function that %s, and asks again', async (_what, freshHeaders, message) => {
    let isBroken = true
    const headers = headersOf({ timeoutMillis: 20, freshHeaders: () => (isBroken ? freshHeaders() : { a: 'b' }) })
    // A timer of AbortSignal.timeout does not keep a process alive.
    const alive = setInterval(() => {}, 1000)
    await expect(headers.next()).rejects.toThrow(message)
    clearInterval(alive)
    isBroken = false
    expect(await headers.next()).toMatchObject({ a: 'b' })
  })
})

describe('a request with a function for headers', () => {
  it.each([
    ['once more, with fresh ones, after a 401', [{ status: 401 }, {}], 'success', ['Bearer 1', 'Bearer 2']],
    ['no third time', [{ status: 401 }], 'failure', ['Bearer 1', 'Bearer 2']],
    ['only once after a 403', [{ status: 403 }], 'failure', ['Bearer 1']],
  ])('is sent %s', async (_how, answer, kind, sent) => {
    const receiver = await startReceiver({ answer })
    let n = 0
    const headers = headersOf({ freshHeaders: () => ({ authorization: `Bearer ${++n}` }) })
    const exporter = createHttpExporter({
      url: receiver.url,
      compression: 'none',
      timeoutMillis: 10_000,
      concurrency: 1,
      headers,
    })
    expect(await exporter.export(PAYLOAD)).toMatchObject({ kind })
    expect(receiver.requests.map(({ headers: { authorization } }) => authorization)).toEqual(sent)
    exporter.close()
    await receiver.close()
  })

  it('waits and is tried again when the function fails, without a request', async () => {
    const receiver = await startReceiver()
    const headers = headersOf({ freshHeaders: () => Promise.reject(new Error('login is down')) })
    const exporter = createHttpExporter({
      url: receiver.url,
      compression: 'none',
      timeoutMillis: 10_000,
      concurrency: 1,
      headers,
    })
    const cause = { kind: 'headers', what: '`headers` failed: login is down', hint: undefined }
    expect(await exporter.export(PAYLOAD)).toEqual({ kind: 'retryable', cause })
    expect(receiver.sockets).toBe(0)
    exporter.close()
    await receiver.close()
  })
})
