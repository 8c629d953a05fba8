import { encodeResponseBytes } from '@otlp-logs/test-support'
import type { ExportResult } from './export.ts'
import { toExportResult, toNetworkResult } from './http-result.ts'

type Headers = Record<string, string>
const NOW = Date.UTC(2026, 10, 21, 12)
const JSON_TYPE: Headers = { 'content-type': 'application/json' }
const PROTOBUF_TYPE: Headers = { 'content-type': 'application/x-protobuf' }

function resultOf(status: number, body: string | Uint8Array = '', headers: Headers = {}): ExportResult {
  return toExportResult({ status, headers, body: Buffer.from(body) }, NOW)
}

/** A google.rpc.Status in protobuf: code 3, and a message. */
function statusBytes(message: string): Buffer {
  return Buffer.concat([Buffer.from([0x08, 3, 0x12, Buffer.byteLength(message)]), Buffer.from(message)])
}

describe('status', () => {
  const retryable = [429, 502, 503, 504]
  const all = Array.from({ length: 500 }, (_, i) => 100 + i)

  it('is accepted for every 2xx, retryable for 429, 502, 503 and 504, and final for all others', () => {
    for (const status of all) {
      const expected = status >= 200 && status < 300 ? 'success' : retryable.includes(status) ? 'retryable' : 'failure'
      expect([status, resultOf(status).kind]).toEqual([status, expected])
    }
  })

  it('invites smaller requests for 413 alone', () => {
    const tooLarge = all.filter((status) => (resultOf(status) as { tooLarge?: boolean }).tooLarge)
    expect(tooLarge).toEqual([413])
  })

  it('invites smaller requests for the 400 with which a Collector says the same', () => {
    expect(resultOf(400, 'http: request body too large')).toMatchObject({ kind: 'failure', tooLarge: true })
    expect(resultOf(400, statusBytes('http: request body too large'))).toMatchObject({ tooLarge: true })
    expect(resultOf(400, 'entry too far behind')).toMatchObject({ tooLarge: false })
  })

  it.each([
    [401, '`headers`'],
    [403, '`headers`'],
    [407, 'proxy'],
    [404, '/v1/logs'],
    [405, '/v1/logs'],
    [415, '`protocol`'],
    [301, 'redirects are not followed'],
    [308, 'redirects are not followed'],
  ])('%i comes with a hint: %s', (status, hint) => {
    const expected = { kind: `HTTP ${status}`, what: `HTTP ${status}`, hint: expect.stringContaining(hint) }
    expect(resultOf(status)).toMatchObject({ cause: expected })
  })

  it('decides also when the body could not be read', () => {
    expect(toExportResult({ status: 200, headers: {}, body: undefined })).toEqual({ kind: 'success', rejected: 0 })
    expect(toExportResult({ status: 503, headers: {}, body: undefined })).toMatchObject({ kind: 'retryable' })
    expect(toExportResult({ status: 400, headers: {}, body: undefined })).toMatchObject({ kind: 'failure' })
  })

  it.each([
    [200, undefined],
    [202, undefined],
    [204, undefined],
    [260, 'accepted with unusual HTTP 260 tenant is blocked'],
    [206, 'accepted with unusual HTTP 206 tenant is blocked'],
  ])('%i is accepted with the message %j', (status, message) => {
    const body = message === undefined ? '' : 'tenant is blocked'
    expect(resultOf(status, body)).toMatchObject({ kind: 'success', rejected: 0 })
    expect((resultOf(status, body) as { message?: string }).message).toBe(message)
  })
})

describe('Retry-After', () => {
  const inTwoSeconds = new Date(NOW + 2000)
  it.each<[string, number | undefined]>([
    ['2', 2000],
    ['0', 0],
    [' 7 ', 7000],
    ['999999', 999_999_000],
    [inTwoSeconds.toUTCString(), 2000],
    ['Saturday, 21-Nov-26 12:00:02 GMT', 2000],
    ['Sat Nov 21 12:00:02 2026 GMT', 2000],
    ['Fri, 20 Nov 2026 12:00:00 GMT', 0],
    ['-1', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['2s', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['9'.repeat(40), undefined],
    ['abc', undefined],
    ['soon, perhaps', undefined],
    ['', undefined],
  ])('%j is %p ms', (value, expected) => {
    for (const status of [429, 503]) {
      expect(resultOf(status, '', { 'retry-after': value })).toMatchObject({
        kind: 'retryable',
        retryAfterMillis: expected,
      })
    }
  })

  it('may be missing, or come twice', () => {
    expect(resultOf(503)).toMatchObject({ retryAfterMillis: undefined })
    const twice = { status: 503, headers: { 'retry-after': ['1', '2'] }, body: undefined }
    expect(toExportResult(twice)).toMatchObject({ kind: 'retryable', retryAfterMillis: undefined })
  })
})

describe('partial success', () => {
  it.each([3, '3'])('is read from JSON with rejectedLogRecords %j, whatever else is there', (rejectedLogRecords) => {
    const body = JSON.stringify({ x: 1, partialSuccess: { y: {}, rejectedLogRecords, errorMessage: 'too old' } })
    const cause = { kind: 'partial success', what: 'the server rejected 3 records', message: 'too old' }
    expect(resultOf(200, body, JSON_TYPE)).toEqual({ kind: 'success', rejected: 3, message: 'too old', cause })
    // Without a content type, and with one that is wrong.
    expect(resultOf(200, body)).toMatchObject({ rejected: 3 })
    expect(resultOf(200, body, PROTOBUF_TYPE)).toMatchObject({ rejected: 3 })
  })

  it.each([0, 1, 127, 128, 300_000, 2 ** 40])('is read from protobuf with %i rejected', (rejected) => {
    const body = encodeResponseBytes({ partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: 'old' } })
    expect(resultOf(200, body, PROTOBUF_TYPE)).toMatchObject({ kind: 'success', rejected, message: 'old' })
  })

  it('with nothing rejected and a message is a warning; without either, a full success', () => {
    const warning = encodeResponseBytes({ partialSuccess: { rejectedLogRecords: 0, errorMessage: 'slow down' } })
    expect(resultOf(200, warning)).toMatchObject({ rejected: 0, message: 'slow down' })
    expect(resultOf(200, encodeResponseBytes({ partialSuccess: {} }))).toMatchObject({
      rejected: 0,
      message: undefined,
    })
    expect(resultOf(200, encodeResponseBytes({}))).toEqual({ kind: 'success', rejected: 0 })
    expect(resultOf(200, '{}', JSON_TYPE)).toEqual({ kind: 'success', rejected: 0 })
    expect(resultOf(200, '{"partialSuccess":{}}', JSON_TYPE)).toMatchObject({ rejected: 0, message: undefined })
  })

  it.each([
    '<html>',
    '{',
    '{"partialSuccess":',
    '[1]',
    'null',
    '{"partialSuccess":null}',
    '{"partialSuccess":7}',
    '{"partialSuccess":{"rejectedLogRecords":"many"}}',
    '{"partialSuccess":{"rejectedLogRecords":-3}}',
    '{"partialSuccess":{"rejectedLogRecords":null}}',
    '\x0a',
    '\x0a\x05\x08',
    '\x0a\x02\x08\xff',
    '\xff'.repeat(20),
  ])('is not found in %j, and nothing breaks', (text) => {
    for (const headers of [{}, JSON_TYPE, PROTOBUF_TYPE]) {
      expect(resultOf(200, Buffer.from(text, 'latin1'), headers)).toMatchObject({ kind: 'success', rejected: 0 })
    }
  })
})

describe("the server's words", () => {
  it.each<[string, string | Uint8Array, Headers]>([
    ['a protobuf Status', statusBytes('entry too old'), PROTOBUF_TYPE],
    ['a protobuf Status that claims to be JSON', statusBytes('entry too old'), JSON_TYPE],
    ['a protobuf Status that claims to be text', statusBytes('entry too old'), { 'content-type': 'text/plain' }],
    ['a JSON Status', '{"code":3,"message":"entry too old"}', JSON_TYPE],
    ['a JSON Status without a content type', '{"code":3,"message":"entry too old"}', {}],
    ['plain text', 'entry too old', { 'content-type': 'text/plain' }],
  ])('are found in %s', (_name, body, headers) => {
    expect(resultOf(400, body, headers)).toMatchObject({ cause: { message: 'entry too old' } })
  })

  it('are the text as it is where no Status is found', () => {
    for (const body of ['<html>no</html>', '{"error":"no"}', '{"message":7}', '{broken']) {
      expect(resultOf(500, body)).toMatchObject({ cause: { message: body } })
    }
    expect(resultOf(500)).toMatchObject({ cause: { message: undefined } })
  })
})

describe('network errors', () => {
  const refused = (address: string) =>
    Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' })

  it.each([
    ['ECONNREFUSED', 'collector running'],
    ['ENOTFOUND', 'host name'],
    ['EAI_AGAIN', 'host name'],
    ['HPE_INVALID_CONSTANT', '4317'],
    ['EPROTO', 'https'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'no authority'],
    ['CERT_HAS_EXPIRED', 'renew'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'no authority'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'another host'],
  ])('%s is worth another try, and comes with a hint', (code, hint) => {
    const result = networkResult(Object.assign(new Error('what'), { code }))
    const cause = { kind: code, what: 'what', hint: expect.stringContaining(hint) }
    expect(result).toEqual({ kind: 'retryable', cause })
  })

  it.each([
    [
      'write EPROTO C0A6BBE87F7F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:354:\n',
      'write EPROTO wrong version number',
    ],
    [
      '80AB77E5B77F0000:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../deps/openssl/openssl/ssl/record/rec_layer_s3.c:1590:SSL alert number 48\n',
      'tlsv1 alert unknown ca',
    ],
    ['80AB77E5B77F0000:error:0A000086:SSL routines::certificate verify failed', 'certificate verify failed'],
  ])('of OpenSSL are told in its words, without its numbers: %s', (message, what) => {
    expect(networkResult(new Error(message))).toMatchObject({ cause: { what } })
  })

  it.each(['HPE_INVALID_CONSTANT', 'ECONNRESET', 'EPIPE', 'EPROTO'])('%s of port 4317 speaks of gRPC', (code) => {
    const error = Object.assign(new Error('what'), { code })
    const cause = { hint: 'port 4317 usually speaks gRPC: OTLP/HTTP has port 4318' }
    expect(toNetworkResult(error, { url: 'http://collector:4317/v1/logs' })).toMatchObject({ cause })
  })

  it('by way of a proxy speak of the proxy', () => {
    const error = Object.assign(new Error('what'), { code: 'ECONNREFUSED' })
    const target = { url: 'http://collector:4318/v1/logs', proxyEnv: { HTTP_PROXY: 'http://proxy' } }
    const cause = { hint: expect.stringContaining('HTTP_PROXY') }
    expect(toNetworkResult(error, target)).toMatchObject({ kind: 'retryable', cause })
  })

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'])('%s is worth another try', (code) => {
    const error = Object.assign(new Error('what'), { code })
    expect(networkResult(error)).toEqual({ kind: 'retryable', cause: { kind: code, what: 'what', hint: undefined } })
  })

  it('of localhost, which has several addresses, show the first address', () => {
    const error = new AggregateError([refused('::1:4318'), refused('127.0.0.1:4318')])
    const cause = { kind: 'ECONNREFUSED', what: 'connect ECONNREFUSED ::1:4318', hint: expect.any(String) }
    expect(networkResult(error)).toEqual({ kind: 'retryable', cause })
  })

  it.each([
    [new AggregateError([]), { kind: 'network' }],
    [Object.assign(new Error(''), { code: 'EX' }), { kind: 'EX', what: 'EX' }],
    [new Error('text'), { kind: 'network', what: 'text' }],
    ['a string', { kind: 'network', what: 'a string' }],
    [undefined, { kind: 'network', what: 'undefined' }],
    [null, { kind: 'network', what: 'null' }],
  ])('without a code, or that are none, are told, too: %p', (error, cause) => {
    expect(networkResult(error)).toMatchObject({ kind: 'retryable', cause })
  })
})

/** Of a request that went nowhere special. */
function networkResult(error: unknown): ExportResult {
  return toNetworkResult(error, { url: 'http://collector:4318/v1/logs' })
}
