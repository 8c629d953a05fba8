// What the environment decides beside the request itself: whether anything is sent (configuration/
// sdk-environment-variables.md) and who sends it (resource/sdk.md); and that code can say the same.

import type { OtlpOptions } from 'pino-otlp'
import { receive, runLogging, sizes } from './scripted.ts'
import { MODES } from './ship.ts'
import { type Env, logWith, requestWith } from './with-environment.ts'

const OTLP = 'OTEL_EXPORTER_OTLP_'

describe('whether', () => {
  test.each(MODES)(
    'C15: with OTEL_SDK_DISABLED=true, %s opens and starts nothing, and the logger works',
    async (mode) => {
      const receiver = await receive()
      const source = `
      const before = process.getActiveResourcesInfo()
      logger.info('line')
      pino({ base: null }, pino.multistream([{ stream: transport }])).info('line')
      await transport.flush()
      print({ started: process.getActiveResourcesInfo().length - before.length, stats: transport.stats() })`
      const env = { OTEL_SDK_DISABLED: 'true' }
      const { code, printed, stderr } = await runLogging(mode, { endpoint: receiver.endpoint }, source, env)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(printed).toMatchObject({ started: 0, stats: { received: 0 } })
      expect(receiver.sockets).toBe(0)
    },
  )

  test.each<[string, boolean, boolean]>([
    ['TRUE', false, false],
    ['False', true, false],
    ['1', true, true],
    ['yes', true, true],
  ])('C11: OTEL_SDK_DISABLED=%s: sent %s, with a warning %s', (value, sent, warned) => {
    return expectSending('OTEL_SDK_DISABLED', value, sent, warned)
  })

  test.each<[string, boolean, boolean]>([
    ['otlp', true, false],
    ['none', false, false],
    ['None', false, false],
    ['otlp,console', true, true],
    ['logging', true, true],
  ])('C16: OTEL_LOGS_EXPORTER=%s: sent %s, with a warning %s', (value, sent, warned) => {
    return expectSending('OTEL_LOGS_EXPORTER', value, sent, warned)
  })
})

describe('who', () => {
  test('C17: OTEL_RESOURCE_ATTRIBUTES is a list of strings, percent-decoded', async () => {
    const resource = await resourceWith({ OTEL_RESOURCE_ATTRIBUTES: 'a=b%2Cc, d = 1 ,e=%3D' })
    expect(resource).toMatchObject({ a: 'b,c', d: '1', e: '=' })
  })

  test.each(['k=v,a=b=c', 'k=v,a=%ZZ', 'k=v,a', 'k=v,=b'])(
    'C17: of OTEL_RESOURCE_ATTRIBUTES=%s nothing is taken, and that is one warning',
    async (value) => {
      const said: string[] = []
      const resource = await resourceWith({ OTEL_RESOURCE_ATTRIBUTES: value }, {}, said)
      expect(resource).not.toHaveProperty('k')
      expect(resource).not.toHaveProperty('a')
      expect(said).toEqual([expect.stringContaining('Ignored OTEL_RESOURCE_ATTRIBUTES')])
    },
  )

  const list = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=list,deployment.environment.name=list' }
  const name = { OTEL_SERVICE_NAME: 'name' }
  const code = { resource: { 'service.name': 'code' } }
  test.each<[string, Env, OtlpOptions, string]>([
    ['code beats both variables', { ...list, ...name }, code, 'code'],
    ['code beats OTEL_SERVICE_NAME', name, code, 'code'],
    ['code beats OTEL_RESOURCE_ATTRIBUTES', list, code, 'code'],
    ['OTEL_SERVICE_NAME beats OTEL_RESOURCE_ATTRIBUTES', { ...list, ...name }, {}, 'name'],
    ['OTEL_RESOURCE_ATTRIBUTES beats the default', list, {}, 'list'],
    ['the default names the runtime', {}, {}, 'unknown_service:node'],
  ])('C18: service.name: %s', async (_title, env, options, expected) => {
    const resource = await resourceWith(env, options)
    expect(resource['service.name']).toBe(expected)
    expect(resource['deployment.environment.name']).toBe('OTEL_RESOURCE_ATTRIBUTES' in env ? 'list' : undefined)
  })
})

describe('C19: what the environment can do, code can do', () => {
  test.each<[Env, OtlpOptions]>([
    [{ [`${OTLP}PROTOCOL`]: 'http/json' }, { protocol: 'http/json' }],
    [{ [`${OTLP}HEADERS`]: 'a=b%20c' }, { headers: { a: 'b c' } }],
    [{ [`${OTLP}COMPRESSION`]: 'gzip' }, { compression: 'gzip' }],
    [{ OTEL_BLRP_MAX_QUEUE_SIZE: '9' }, { maxQueueSize: 9 }],
    [{ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '7' }, { maxExportBatchSize: 7 }],
    [{ OTEL_SDK_DISABLED: 'true' }, { enabled: false }],
    [{ OTEL_LOGS_EXPORTER: 'none' }, { enabled: false }],
    [{ OTEL_RESOURCE_ATTRIBUTES: 'a=b' }, { resource: { a: 'b' } }],
    [{ OTEL_SERVICE_NAME: 'shop' }, { resource: { 'service.name': 'shop' } }],
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '1' }, { limits: { attributeCountLimit: 1 } }],
    [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3' }, { limits: { attributeValueLengthLimit: 3 } }],
  ])('C19: %j is the same as %j', async (env, options) => {
    const [byEnv, byCode, byDefault] = [await effectOf(env), await effectOf({}, options), await effectOf({})]
    expect(byEnv).toEqual(byCode)
    expect(byEnv).not.toEqual(byDefault)
  })

  test('C19: timeoutMillis is TIMEOUT', async () => {
    for (const [env, options] of [[{ [`${OTLP}TIMEOUT`]: '150' }], [{}, { timeoutMillis: 150 }]] as const) {
      const { logger, report } = logWith(env, await receive({ answer: { hang: true } }), options)
      logger.info('line')
      expect(await report).toContain('no answer within 150 ms')
    }
  })

  test('C19: endpoint is the general endpoint, url that for logs', async () => {
    const receiver = await receive({ path: '/a/v1/logs' })
    await requestWith(receiver, {}, { endpoint: `${receiver.endpoint}/a` })
    await requestWith(receiver, {}, { url: `${receiver.endpoint}/a/v1/logs` })
    expect(receiver.records).toHaveLength(2)
  })
})

describe('a configuration file', () => {
  test.each(['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'])(
    'C23: %s is one warning that says what is read instead, and options and variables hold',
    async (name) => {
      const receiver = await receive()
      const { logger, transport, said } = logWith({ [name]: '/etc/otel.yaml', OTEL_SERVICE_NAME: 'shop' }, receiver)
      logger.info('line')
      await transport.flush()
      expect(said).toEqual([expect.stringMatching(`${name}.*reads its options and the other OTEL_ variables`)])
      expect(receiver.records[0]!.resource).toMatchObject({ 'service.name': 'shop' })
    },
  )

  test.each(MODES)('C23: it is said once on stderr by %s, and not at all where nothing is sent', async (mode) => {
    const receiver = await receive()
    const { endpoint } = receiver
    const env = { OTEL_CONFIG_FILE: '/etc/otel.yaml' }
    const { stderr } = await runLogging(mode, { endpoint }, `logger.info('line')`, env)
    expect(stderr.match(/OTEL_CONFIG_FILE/g)).toHaveLength(1)
    const disabled = await runLogging(mode, { endpoint, enabled: false }, `logger.info('line')`, env)
    expect(disabled.stderr).toBe('')
  })
})

async function expectSending(name: string, value: string, sent: boolean, warned: boolean): Promise<void> {
  const receiver = await receive()
  const { logger, transport, said } = logWith({ [name]: value }, receiver)
  logger.info('line')
  await transport.flush()
  expect(receiver.records).toHaveLength(sent ? 1 : 0)
  expect(said.filter((message) => message.includes(name))).toHaveLength(warned ? 1 : 0)
}

async function resourceWith(
  env: Env,
  options: OtlpOptions = {},
  said: string[] = [],
): Promise<Record<string, unknown>> {
  const receiver = await receive()
  const source = logWith(env, receiver, options)
  source.logger.info('line')
  await source.transport.flush()
  said.push(...source.said)
  return receiver.records[0]!.resource
}

/** What can be seen from outside when 20 lines are flushed. */
async function effectOf(env: Env, options: OtlpOptions = {}): Promise<unknown> {
  const receiver = await receive()
  const { logger, transport } = logWith(env, receiver, options)
  for (let i = 0; i < 20; i++) logger.info({ a: 'abcdef', b: i })
  await transport.flush()
  const { compression, encoding, headers } = receiver.requests[0] ?? {}
  const { resource, attributes } = receiver.records[0] ?? {}
  const { dropped } = transport.stats()
  return { compression, encoding, header: headers?.['a'], resource, attributes, dropped, sizes: sizes(receiver) }
}
