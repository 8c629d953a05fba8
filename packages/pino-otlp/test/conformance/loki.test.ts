// L1 to L16: what Loki takes over OTLP, and how `profile: 'loki'` keeps records within its limits. Loki itself is not here: its
// answers are scripted, and what it would make of a record is worked out by its own rules (test-support, loki.ts).

import { randomUUID } from 'node:crypto'
import { type Answer, type ReceivedRecord, toLokiEntry } from '@otlp-logs/test-support'
import pino from 'pino'
import { type OtlpOptions, otlpStream, otlpTransport } from 'pino-otlp'
import { logTo, receive } from './scripted.ts'
import { type Mode, MODES, only, PROTOCOLS, type Setup, Shipyard, WAYS } from './ship.ts'

const yard = new Shipyard()
const PATH = '/otlp/v1/logs'
const profile = 'loki'
/** As Loki answers: no content. */
const DONE: Answer = { status: 204, body: '' }
const loki = { transport: { profile } } as const

const wide = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]))

/** Ships what is logged, which Loki must take, and gives the records. */
async function shipped(
  mode: Mode,
  log: (logger: pino.Logger<string>) => void,
  setup: Setup = loki,
): Promise<ReceivedRecord[]> {
  const records = await yard.ship(mode, log, setup)
  expect(records.flatMap((record) => toLokiEntry(record).problems)).toEqual([])
  return records
}

describe.each(MODES)('the OTLP endpoint of Loki, by %s', (mode) => {
  it('L1, L2: the base URL ends in /otlp, and 204 without a body is a success', async () => {
    const receiver = await receive({ path: PATH, answer: DONE })
    const { logger, transport } = logTo(undefined, mode, { endpoint: `${receiver.endpoint}/otlp` })
    logger.info('x')
    expect(await transport.flush()).toEqual({ complete: true, waiting: 0 })
    expect(receiver.requests.map(({ path }) => path)).toEqual([PATH])
    expect(transport.stats()).toMatchObject({ sent: 1, dropped: { total: 0 }, retries: 0 })
  })

  it.each(['none', 'gzip', 'zstd'] as const)(
    'L3, L4: HTTP and protobuf by default, a bare content type, and with %s no other encoding',
    async (compression) => {
      const receiver = await receive({ path: PATH, answer: DONE })
      const { logger, transport } = logTo(undefined, mode, { endpoint: `${receiver.endpoint}/otlp`, compression })
      logger.info('x')
      await transport.flush()
      const { headers, encoding } = receiver.requests[0]!
      expect(encoding).toBe('protobuf')
      expect(headers['content-type']).toBe('application/x-protobuf')
      expect(headers['content-encoding']).toBe(compression === 'none' ? undefined : compression)
    },
  )

  it('L6: there is always a service.name, so that the stream has a name', async () => {
    const { resource } = only(await shipped(mode, (log) => log.info('x')))
    expect(resource['service.name']).toEqual(expect.any(String))
  })

  it('L14: 429 without Retry-After is tried again', async () => {
    const receiver = await receive({ path: PATH, answer: [{ status: 429 }, DONE] })
    const { logger, transport } = logTo(undefined, mode, { endpoint: `${receiver.endpoint}/otlp` })
    logger.info('x')
    await transport.flush()
    expect(transport.stats()).toMatchObject({ sent: 1, retries: 1, dropped: { total: 0 } })
  })

  it('L16: nothing is sent where nothing was logged', async () => {
    const receiver = await receive({ path: PATH, answer: DONE })
    const { transport } = logTo(undefined, mode, { endpoint: `${receiver.endpoint}/otlp` })
    await transport.flush()
    expect(receiver.requests).toEqual([])
  })
})

it('L14, L15: a 400 means that the good lines are stored: it is final, and its reason is told, whatever its type', async () => {
  const why = 'max entries of structured metadata exceeded'
  const status = Buffer.concat([Buffer.from([0x12, why.length]), Buffer.from(why)])
  const answers: Answer[] = [
    { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: status, accept: true },
    DONE,
  ]
  const receiver = await receive({ path: PATH, answer: answers })
  const said: string[] = []
  const endpoint = `${receiver.endpoint}/otlp`
  const { logger, transport } = logTo(undefined, 'otlpStream', {
    endpoint,
    protocol: 'http/json',
    onReport: ({ level, message }) => level === 'warn' && said.push(message),
  })
  logger.info('x')
  await transport.flush()
  expect(receiver.allRecords.filter(({ body }) => body === 'x')).toHaveLength(1)
  expect(transport.stats().dropped).toEqual({ total: 1, rejected: 1 })
  expect(said).toEqual([expect.stringContaining(why)])
})

describe.each(MODES)("the resource of profile 'loki' by %s", (mode) => {
  it('L5: a random service.instance.id goes with the records, not into the labels', async () => {
    const transport: OtlpOptions = { profile, detectors: ['serviceinstance'] }
    const record = only(await shipped(mode, (log) => log.info('x'), { transport }))
    expect(record.resource).not.toHaveProperty('service.instance.id')
    expect(record.attributes['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('L5: so does that of a Resource of the OpenTelemetry SDK', async () => {
    const id = randomUUID()
    const resource = { attributes: { 'service.name': 'shop', 'service.instance.id': id }, merge: () => undefined }
    const record = only(await shipped(mode, (log) => log.info('x'), { logger: {}, transport: { profile, resource } }))
    expect(record.resource).toMatchObject({ 'service.name': 'shop' })
    expect(toLokiEntry(record).labels).toEqual({ service_name: 'shop' })
    expect(record.attributes['service.instance.id']).toBe(id)
  })

  it('L5: one that is not random stays a label', async () => {
    const resource = { 'service.instance.id': 'orders-7' }
    const record = only(await shipped(mode, (log) => log.info('x'), { transport: { profile, resource } }))
    expect(toLokiEntry(record).labels).toMatchObject({ service_instance_id: 'orders-7' })
    expect(Object.keys(record.attributes)).toEqual([])
  })

  it('L7: a label is cut to what Loki takes, at a whole character', async () => {
    const resource = { 'service.name': 'shop', 'k8s.pod.name': 'é'.repeat(3000) }
    const record = only(await shipped(mode, (log) => log.info('x'), { transport: { profile, resource } }))
    expect(record.resource['k8s.pod.name']).toBe('é'.repeat(1024))
  })
})

it('L7: more labels than Loki takes are one warning that names them', async () => {
  const kinds = 'cluster namespace pod container replicaset deployment statefulset daemonset cronjob job'.split(' ')
  const k8s = Object.fromEntries(kinds.map((kind) => [`k8s.${kind}.name`, kind]))
  const more = { 'service.namespace': 's', 'container.name': 'c', 'cloud.region': 'r', 'deployment.environment': 'd' }
  const said: string[] = []
  const resource = { ...k8s, ...more, 'cloud.availability_zone': 'z', 'deployment.environment.name': 'd' }
  const transport: OtlpOptions = {
    profile,
    resource,
    diagnostics: 'none',
    onReport: ({ level, message }) => level === 'warn' && said.push(message),
  }
  await yard.ship('otlpStream', (log) => log.info('x'), { logger: {}, transport })
  expect(said).toEqual([
    expect.stringMatching(/^Loki takes 15 labels at most, and the resource has 16: .*k8s\.job\.name/),
  ])
})

describe.each(WAYS)("records of profile 'loki' by %s over %s", (mode, protocol) => {
  const transport: OtlpOptions = { profile, protocol }

  it('L8: attributes are flat, and no more than fit beside the resource; the rest is counted', async () => {
    const record = only(
      await shipped(mode, (log) => log.info({ a: { b: [1, { c: 2 }] }, ...wide(300) }, 'x'), { transport }),
    )
    expect(record.attributes).toMatchObject({ 'a.b.0': 1, 'a.b.1.c': 2, k0: 0 })
    expect(Object.keys(record.attributes).length + record.droppedAttributesCount).toBe(302)
    // What the record's own fields may take besides.
    expect(toLokiEntry(record).metadata.length).toBeGreaterThan(128 - 8)
  })

  it('L8: with the widest resource and a span, a record still fits', async () => {
    const resource = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`r${i}`, 'x'.repeat(100)]))
    const ids = {
      trace_id: 'a'.repeat(32),
      span_id: 'b'.repeat(16),
      trace_flags: '01',
      'otel.event.name': 'order.paid',
    }
    const setup = { transport: { ...transport, resource } }
    const record = only(await shipped(mode, (log) => log.info({ ...ids, ...wide(300) }, 'x'), setup))
    expect(toLokiEntry(record).metadata.length).toBe(127)
    expect(record.eventName).toBe('order.paid')
  })

  it('L8: long values are cut, the longest first, and short ones stay whole', async () => {
    const fields = { short: 'whole', e: 'é'.repeat(60_000), list: Array.from({ length: 20_000 }, () => 'ab'), n: 1 }
    const record = only(await shipped(mode, (log) => log.info(fields, 'x'), { transport }))
    expect(record.attributes).toMatchObject({ short: 'whole', n: 1, 'otlp_logs.truncated': true })
    const { e, list } = record.attributes as { e: string; list: string }
    expect(e).toMatch(/^é+$/)
    expect(list).toMatch(/^\["ab","ab"/)
    const used = Buffer.byteLength(e) + Buffer.byteLength(list)
    expect(used).toBeGreaterThan(60_000)
  })

  it('L8: a record of long names only keeps as many as fit', async () => {
    const fields = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}${'n'.repeat(2000)}`, i]))
    const record = only(await shipped(mode, (log) => log.info(fields, 'x'), { transport }))
    expect(Object.keys(record.attributes).length).toBeGreaterThan(20)
    expect(record.droppedAttributesCount).toBe(100 - Object.keys(record.attributes).length)
  })

  it('L9: names that are the same to Loki stay apart, and none is one that Loki gives itself', async () => {
    const fields = { 'a.b': 1, 'a-b': 2, a_b: 3, a: { b: 4 }, flags: 'f', scope_name: 's', host: { name: 'h' } }
    const record = only(await shipped(mode, (log) => log.info(fields, 'x'), { transport }))
    expect({ ...record.attributes }).toEqual({
      'a.b': 1,
      'a-b#2': 2,
      'a_b#3': 3,
      'a.b#2#2': 4,
      'custom.flags': 'f',
      'custom.scope_name': 's',
      'custom.host.name': 'h',
    })
  })

  it('L10: the stack trace of an error stands behind the message, whatever its length', async () => {
    const error = new TypeError('boom')
    error.stack = `TypeError: boom\n${'    at deep (file.js:1:1)\n'.repeat(20_000)}`
    const records = await shipped(mode, (log) => (log.error(new RangeError('short')), log.error(error, 'failed')), {
      transport,
    })
    const [short, long] = records.map((record) => ({ ...record, entry: toLokiEntry(record) }))
    expect(short!.entry.line).toMatch(/^short\nRangeError: short\n +at /)
    expect(short!.attributes).toEqual({ 'exception.type': 'RangeError', 'exception.message': 'short' })
    expect(long!.entry.line).toMatch(/^failed\nTypeError: boom\n +at deep/)
    expect(long!.entry.line).toHaveLength(256 * 1024)
    expect(long!.attributes).toMatchObject({ 'exception.message': 'boom', 'otlp_logs.truncated': true })
  })

  it('L10: a message is cut to the longest line, at a whole character, and one that is no text becomes JSON', async () => {
    const records = await shipped(
      mode,
      (log) => (log.info(`a${'é'.repeat(200_000)}`), log.info({ msg: { order: 7, big: 1 } })),
      { transport },
    )
    expect(records[0]!.body).toBe(`a${'é'.repeat(131_071)}`)
    expect(records[1]!.body).toBe('{"order":7,"big":1}')
  })

  it('L10: with body line, the line is the JSON text, and the stack trace stays where it is searched', async () => {
    const setup = { transport: { ...transport, body: 'line' } } as const
    const record = only(await shipped(mode, (log) => log.error(new TypeError('boom'), 'failed'), setup))
    expect(JSON.parse(record.body as string)).toMatchObject({ msg: 'failed', err: { type: 'TypeError' } })
    expect(record.attributes['exception.stacktrace']).toEqual(expect.stringContaining('TypeError: boom'))
  })

  it('L12, L13: Loki sees a level that it knows, and takes no attribute for it', async () => {
    const customLevels = { silly: 5, verbose: 15, notice: 35, crit: 55 }
    const fields = {
      level: 'gold',
      severity: 2,
      lvl: 'x',
      log: { level: 'y' },
      severity_text: 'z',
      detected_level: 'q',
    }
    const names = ['silly', 'trace', 'verbose', 'debug', 'info', 'notice', 'warn', 'error', 'crit', 'fatal']
    const records = await shipped(mode, (log) => names.forEach((name) => log[name]!(fields, 'x')), {
      logger: { customLevels, level: 'silly' },
      transport,
    })
    expect(records.map((record) => toLokiEntry(record).detectedLevel)).toEqual([
      'trace',
      'trace',
      'trace',
      'debug',
      'info',
      'info',
      'warn',
      'error',
      'error',
      'fatal',
    ])
  })

  it('L11: the time of the record is the time of the line, and no other is sent', async () => {
    const [record] = await yard.write(mode, '{"level":30,"time":1795238556471,"msg":"x"}\n', { transport })
    expect(record!.timeUnixNano).toBe(1795238556471000000n)
  })
})

describe.each(MODES)("options beside profile 'loki' by %s", (mode) => {
  const odd = { level: 'notice', customLevels: { notice: 35 } }

  it('are followed: attributes, severityText, the limit on attributes', async () => {
    const transport: OtlpOptions = {
      profile,
      attributes: 'json',
      severityText: 'source',
      limits: { attributeCountLimit: 2 },
    }
    const record = await yard.one(mode, (log) => log['notice']!({ a: { b: 1 }, c: 2, d: 3 }, 'x'), {
      logger: odd,
      transport,
    })
    expect(record).toMatchObject({
      attributes: { a: '{"b":1}', c: 2 },
      severityText: 'notice',
      droppedAttributesCount: 1,
    })
  })

  it('are followed: nested attributes', async () => {
    const transport: OtlpOptions = { profile, attributes: 'nested' }
    const record = await yard.one(mode, (log) => log.info({ a: { b: 1 } }, 'x'), { transport })
    expect(JSON.parse(JSON.stringify(record.attributes))).toEqual({ a: { b: 1 } })
  })

  it('are followed: redaction, before anything moves into the line', async () => {
    const transport: OtlpOptions = { profile, redact: { paths: ['exception.message', 'user.email'] } }
    const record = await yard.one(
      mode,
      (log) => log.error({ err: new TypeError('secret1'), user: { email: 'secret2' } }, 'x'),
      {
        transport,
      },
    )
    expect(JSON.stringify([record.body, record.attributes])).not.toMatch(/secret\d/)
    expect(record.body).toMatch(/^x\nTypeError: \[REDACTED\]\n/)
  })
})

it.each(PROTOCOLS)('what was cut for Loki is counted as truncated, over %s', async (protocol) => {
  for (const make of [otlpStream, otlpTransport]) {
    const transport = make({ profile, protocol, endpoint: yard.receiver.endpoint })
    const logger = pino({}, transport)
    logger.info('x'.repeat(300_000))
    logger.info('x')
    await transport.close()
    expect(transport.stats()).toMatchObject({ sent: 2, truncated: 1 })
  }
})
