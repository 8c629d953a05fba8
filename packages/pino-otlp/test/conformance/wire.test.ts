// The wire format of OTLP/HTTP (opentelemetry-proto, docs/specification.md): requests as a server sees them, and what
// becomes of the records when its answers are odd.

import type { Answer, ReceivedRequest } from '@otlp-logs/test-support'
import { createPipeline, resolveOptions } from 'otlp-logs-core'
import type { OtlpOptions } from 'pino-otlp'
import { logMany, logTo, receive, runLogging, sizes } from './scripted.ts'
import { MODES, WAYS } from './ship.ts'

const MIB = 2 ** 20

describe.each(WAYS)('%s, %s', (mode, protocol) => {
  test('O2: a POST with the bare content type of its protocol', async () => {
    const { headers, method, path, encoding } = await requestOf(mode, { protocol })
    expect({ method, path }).toEqual({ method: 'POST', path: '/v1/logs' })
    expect(headers['content-type']).toBe(protocol === 'http/json' ? 'application/json' : 'application/x-protobuf')
    expect(encoding).toBe(protocol === 'http/json' ? 'json' : 'protobuf')
  })

  test.each(['none', 'gzip', 'zstd'] as const)(
    'O5: compression %s is named, and the body is that',
    async (compression) => {
      const request = await requestOf(mode, { protocol, compression })
      expect(request.headers['content-encoding']).toBe(compression === 'none' ? undefined : compression)
      expect(request.rawBody.length === request.body.length).toBe(compression === 'none')
      expect(request.message?.resourceLogs[0]?.scopeLogs[0]?.logRecords[0]?.body).toEqual({ stringValue: 'hello' })
      expect(request.headers['content-length']).toBe(String(request.rawBody.length))
    },
  )

  test('O5: an answer that is compressed is read', async () => {
    const answer: Answer = { partialSuccess: { rejected: 2, message: 'no' }, gzipAnswer: true }
    expect(await statsAfter(mode, answer, 5, { protocol })).toMatchObject({ sent: 3, dropped: { rejected: 2 } })
  })

  test('R23: what is only in development is never on the wire: no entities, no references to strings', async () => {
    const { message, body } = await requestOf(mode, { protocol })
    expect(message?.resourceLogs).toMatchObject([{ resource: { entityRefs: [] } }])
    expect(body.toString()).not.toMatch(/entityRefs|strindex/i)
  })

  test('O6: nothing logged, nothing sent: no empty request, and no empty envelope', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode, { protocol })
    await transport.flush()
    logger.debug('below the level of the logger')
    await transport.flush()
    expect(receiver.requests).toEqual([])
    logger.info('line')
    await transport.flush()
    await transport.close()
    expect(sizes(receiver)).toEqual([1])
    expect(receiver.problems).toEqual([])
  })

  test('O7: a large batch is parted, so that no request is larger than maxExportBatchBytes', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode, { protocol, maxExportBatchBytes: 10_000 })
    for (let i = 0; i < 100; i++) logger.info('x'.repeat(1000))
    await transport.flush()
    expect(receiver.records).toHaveLength(100)
    for (const { rawBody } of receiver.requests) expect(rawBody.length).toBeLessThanOrEqual(10_000)
    expect(receiver.requests.length).toBeLessThan(20)
  })

  test('O7: a single over-size record is cut and marked instead of being discarded, by design, and counted', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode, { protocol, maxRecordBytes: 4096 })
    logger.info({ kept: 1 }, 'x'.repeat(MIB))
    await transport.flush()
    const [record] = receiver.records
    expect(record?.attributes).toMatchObject({ kept: 1, 'otlp_logs.truncated': true })
    expect(record?.body).toMatch(/^x{1000,4000}/)
    expect(receiver.requests[0]!.rawBody.length).toBeLessThan(6000)
    expect(transport.stats()).toMatchObject({ sent: 1, truncated: 1, dropped: { total: 0 } })
  })

  test('O9: 10 exports use one connection', async () => {
    const receiver = await receive()
    const { logger, transport } = logTo(receiver, mode, { protocol })
    for (let i = 0; i < 10; i++) {
      logMany(logger, 1, i)
      await transport.flush()
    }
    expect(receiver.requests).toHaveLength(10)
    expect(receiver.sockets).toBe(1)
  })
})

describe.each(MODES)('%s', (mode) => {
  test('O3: JSON has lowerCamelCase keys, ids in hex and enums as integers', async () => {
    const ids = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331', trace_flags: '01' }
    const { message, record } = await jsonOf(mode, { ...ids, 'otel.event.name': 'paid', list: [{ a: 1 }] })
    expect(record).toMatchObject({
      traceId: ids.trace_id,
      spanId: ids.span_id,
      flags: 1,
      severityNumber: 9,
      severityText: 'info',
      eventName: 'paid',
    })
    for (const key of keysOf(message)) expect(key).toMatch(/^[a-z]+([A-Z][a-z]+)*$/)
  })

  test('O4: JSON has 64-bit integers as strings of digits, and others as numbers', async () => {
    const { record } = await jsonOf(mode, { one: 1, big: 9007199254740993n, half: 0.5 })
    expect(record['attributes']).toEqual([
      { key: 'one', value: { intValue: '1' } },
      { key: 'big', value: { intValue: '9007199254740993' } },
      { key: 'half', value: { doubleValue: 0.5 } },
    ])
    expect(record['timeUnixNano']).toMatch(/^\d{19}$/)
    expect(record['observedTimeUnixNano']).toMatch(/^\d{19}$/)
  })

  test.each<[string, Answer]>([
    ['200, a body of 512 MiB', { bodyBytes: 512 * MIB }],
    ['200, a gzip body that unpacks to 1 GiB', { gzipBomb: { bytes: 1024 * MIB } }],
    ['400, a body of 512 MiB', { status: 400, bodyBytes: 512 * MIB }],
    ['400, a gzip body that unpacks to 1 GiB', { status: 400, gzipBomb: { bytes: 1024 * MIB } }],
  ])('O8: %s: at most 64 KiB of it is read, memory stays flat, and the status line decides', async (_name, answer) => {
    const receiver = await receive({ answer: [{}, answer, {}] })
    const source = `
      const flush = async () => { logger.info('line'); await transport.flush() }
      await flush()
      const before = process.resourceUsage().maxRSS
      await flush()
      print({ grownKib: process.resourceUsage().maxRSS - before, stats: transport.stats() })
      await flush()`
    const { code, printed } = await runLogging(mode, { endpoint: receiver.endpoint, diagnostics: 'none' }, source)
    const accepted = answer.status === undefined
    expect(code).toBe(0)
    expect(printed).toMatchObject({
      stats: { requests: 2, retries: 0, sent: accepted ? 2 : 1, dropped: accepted ? { total: 0 } : { rejected: 1 } },
    })
    expect((printed as { grownKib: number }).grownKib).toBeLessThan(100 * 1024)
  })

  test('O8: 503 with a body of 5 MiB is tried again, as any 503', async () => {
    const answer: Answer[] = [{ status: 503, bodyBytes: 5 * MIB }, {}]
    expect(await statsAfter(mode, answer, 1)).toMatchObject({ requests: 2, retries: 1, sent: 1 })
  })

  test('O11: User-Agent names exporter, language and version, behind the product of this package', async () => {
    const { headers } = await requestOf(mode, {})
    expect(headers['user-agent']).toMatch(/^pino-otlp\/\d\S* OTel-OTLP-Exporter-JavaScript\/\d\S*$/)
  })

  test("O11: the user's own product goes in front, and the rest stays", async () => {
    const { headers } = await requestOf(mode, { headers: { 'User-Agent': 'shop/2' } })
    expect(headers['user-agent']).toMatch(/^shop\/2 pino-otlp\/\d\S* OTel-OTLP-Exporter-JavaScript\/\d\S*$/)
  })

  test.each([3, '3'])(
    'O13: rejectedLogRecords may be %j, and unknown fields of an answer mean nothing',
    async (rejected) => {
      const partialSuccess = { rejectedLogRecords: rejected, errorMessage: 'old', x: 1 }
      const answer: Answer = {
        body: JSON.stringify({ y: [], partialSuccess, z: { partialSuccess: null } }),
        accept: true,
      }
      const stats = await statsAfter(mode, answer, 5, { protocol: 'http/json' })
      expect(stats).toMatchObject({ sent: 2, dropped: { total: 3, rejected: 3 }, requests: 1 })
    },
  )

  const html = '<!doctype html><title>Welcome</title>'
  test.each<[string, Answer]>([
    ['200 with a page of HTML', { body: html, headers: { 'content-type': 'text/html' } }],
    ['200 with HTML that claims to be protobuf', { body: html }],
    ['200 with broken JSON', { body: '{"partialSuccess":', headers: { 'content-type': 'application/json' } }],
    ['200 with JSON that is no object', { body: '[null]', headers: { 'content-type': 'application/json' } }],
    ['200 with random bytes', { body: Buffer.from('0affffffffffffffffff01', 'hex') }],
    ['200 with broken gzip', { body: html, headers: { 'content-encoding': 'gzip' } }],
    ['200 with an unknown encoding', { body: html, headers: { 'content-encoding': 'x-unknown' } }],
    ['200 whose body breaks off', { reset: 'mid-answer' }],
    ['202', { status: 202 }],
    ['204 without a body', { status: 204, body: '' }],
    ['299', { status: 299 }],
  ])('D6: %s is accepted, once', async (_name, answer) => {
    expect(await statsAfter(mode, answer, 5)).toMatchObject({ sent: 5, dropped: { total: 0 }, requests: 1 })
  })

  test.each([300, 301, 302, 303, 304, 307, 308])(
    'D6: %i is a failure: dropped as rejected, not followed, and the next batch still goes',
    async (status) => {
      const elsewhere = await receive()
      const receiver = await receive({ answer: [{ status, headers: { location: elsewhere.url } }, {}] })
      const { logger, transport } = logTo(receiver, mode, { headers: { authorization: 'Bearer t' } })
      for (const first of [0, 5]) {
        logMany(logger, 5, first)
        await transport.flush()
      }
      expect(transport.stats()).toMatchObject({ sent: 5, dropped: { total: 5, rejected: 5 }, retries: 0 })
      expect(sizes(receiver).filter((lines) => lines > 0)).toEqual([5, 5])
      expect(elsewhere.sockets).toBe(0)
    },
  )
})

test('O4: JSON has bytes in base64', async () => {
  const receiver = await receive()
  const { settings, warnings } = resolveOptions({ endpoint: receiver.endpoint, protocol: 'http/json' })
  const pipeline = createPipeline(settings, warnings, { package: { name: 'test' }, inProcess: false })
  pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 0, attributes: { bytes: Buffer.from('ab>?') } })
  await pipeline.shutdown()
  expect(receiver.requests[0]!.body.toString()).toContain('{"key":"bytes","value":{"bytesValue":"YWI+Pw=="}}')
})

/** The request that one line becomes. */
async function requestOf(
  mode: (typeof MODES)[number],
  options: OtlpOptions,
  fields: object = {},
): Promise<ReceivedRequest> {
  const receiver = await receive()
  const { logger, transport } = logTo(receiver, mode, options)
  logger.info(fields, 'hello')
  await transport.flush()
  expect(receiver.problems).toEqual([])
  return receiver.requests[0]!
}

/** The JSON that one line becomes: the whole of it, and its record. */
async function jsonOf(
  mode: (typeof MODES)[number],
  fields: object,
): Promise<{ message: object; record: Record<string, unknown> }> {
  const { rawBody } = await requestOf(mode, { protocol: 'http/json' }, fields)
  const message = JSON.parse(rawBody.toString())
  return { message, record: message.resourceLogs[0].scopeLogs[0].logRecords[0] }
}

async function statsAfter(
  mode: (typeof MODES)[number],
  answer: Answer | Answer[],
  lines: number,
  options: OtlpOptions = {},
): Promise<object> {
  const receiver = await receive({ answer })
  const { logger, transport } = logTo(receiver, mode, options)
  logMany(logger, lines)
  await transport.flush()
  return transport.stats()
}

/** The keys of messages; those of attributes are values. */
function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)])
}
