// Configuration by the environment (configuration/sdk-environment-variables.md, protocol/exporter.md, resource/sdk.md):
// each variable is set where a transport is made, and judged by the requests that come.

import type { Answer } from '@otlp-logs/test-support'
import { logMany, receive, sizes } from './scripted.ts'
import { logWith, requestWith } from './with-environment.ts'

const OTLP = 'OTEL_EXPORTER_OTLP_'
const LOGS = 'OTEL_EXPORTER_OTLP_LOGS_'
const HANG: Answer = { hang: true }

describe('where', () => {
  test.each([
    ['', '/v1/logs'],
    ['/', '/v1/logs'],
    ['/otlp', '/otlp/v1/logs'],
    ['/otlp/', '/otlp/v1/logs'],
    ['/a//', '/a/v1/logs'],
  ])('C1: to the general endpoint, with path "%s", v1/logs is appended with one slash', async (path, expected) => {
    const receiver = await receive({ path: expected })
    expect((await requestWith(receiver, { [`${OTLP}ENDPOINT`]: receiver.endpoint + path })).path).toBe(expected)
  })

  test.each([
    ['', '/'],
    ['/', '/'],
    ['/otlp', '/otlp'],
    ['/otlp/', '/otlp/'],
    ['/v1/logs/', '/v1/logs/'],
  ])('C2: the endpoint for logs, with path "%s", is used as it is', async (path, expected) => {
    const receiver = await receive({ path: expected })
    expect((await requestWith(receiver, { [`${LOGS}ENDPOINT`]: receiver.endpoint + path })).path).toBe(expected)
  })

  test.each([
    [`${OTLP}ENDPOINT`, '/a%20b/?tenant=x%26y', '/a%20b/v1/logs?tenant=x%26y'],
    [`${LOGS}ENDPOINT`, '/a%20b/?tenant=x%26y', '/a%20b/?tenant=x%26y'],
  ])('C3: nothing else in %s changes: path, query, host', async (name, path, expected) => {
    const receiver = await receive({ path: expected })
    const request = await requestWith(receiver, { [name]: receiver.endpoint + path })
    expect(request.path).toBe(expected)
    expect(request.headers.host).toBe(`127.0.0.1:${receiver.port}`)
  })

  test.each([
    ['http', 80],
    ['https', 443],
  ])('C3: %s without a port means %i', async (scheme, port) => {
    // A loopback address on which nobody listens.
    const { logger, report } = logWith({ [`${OTLP}ENDPOINT`]: `${scheme}://127.0.0.77` })
    logger.info('line')
    expect(await report).toContain(`127.0.0.77:${port}`)
  })

  test('C4: unset, http://localhost:4318/v1/logs', async () => {
    const { logger, report } = logWith({})
    logger.info('line')
    expect(await report).toContain('http://localhost:4318/v1/logs')
  })

  test('C6: the endpoint for logs beats the general one', async () => {
    const [general, logs] = [await receive(), await receive({ path: '/' })]
    await requestWith(logs, { [`${OTLP}ENDPOINT`]: general.endpoint, [`${LOGS}ENDPOINT`]: logs.endpoint })
    expect(general.sockets).toBe(0)
  })
})

describe('how', () => {
  test('C6: PROTOCOL and COMPRESSION for logs beat the general ones', async () => {
    const { encoding, compression } = await requestWith(await receive(), {
      [`${OTLP}PROTOCOL`]: 'http/protobuf',
      [`${LOGS}PROTOCOL`]: 'http/json',
      [`${OTLP}COMPRESSION`]: 'none',
      [`${LOGS}COMPRESSION`]: 'gzip',
    })
    expect({ encoding, compression }).toEqual({ encoding: 'json', compression: 'gzip' })
  })

  test('C6: HEADERS for logs replace the general ones, as a whole', async () => {
    const env = { [`${OTLP}HEADERS`]: 'a=general,b=general', [`${LOGS}HEADERS`]: 'a=logs' }
    const { headers } = await requestWith(await receive(), env)
    expect(headers).toMatchObject({ a: 'logs' })
    expect(headers).not.toHaveProperty('b')
  })

  test('C6: TIMEOUT for logs beats the general one', async () => {
    const env = { [`${OTLP}TIMEOUT`]: '60000', [`${LOGS}TIMEOUT`]: '100' }
    const { logger, report } = logWith(env, await receive({ answer: HANG }))
    logger.info('line')
    expect(await report).toContain('no answer within 100 ms')
  })

  test('C7: header values are percent-decoded, trimmed, and split at the first equals sign', async () => {
    const env = { [`${OTLP}HEADERS`]: 'authorization=Basic%20YQ%3D%3D, k = x=y ' }
    expect((await requestWith(await receive(), env)).headers).toMatchObject({ authorization: 'Basic YQ==', k: 'x=y' })
  })

  test('C7: a bad pair is a warning that shows no value, and the others are kept', async () => {
    const receiver = await receive()
    const { logger, transport, said } = logWith({ [`${OTLP}HEADERS`]: 'a=1,sesame,b=%ZZsesame,c=2' }, receiver)
    logger.info('line')
    await transport.flush()
    expect(receiver.requests[0]!.headers).toMatchObject({ a: '1', c: '2' })
    expect(said).toEqual([expect.stringContaining(`${OTLP}HEADERS`)])
    expect(said.join()).not.toContain('sesame')
  })

  test.each([
    ['gzip', 'gzip'],
    ['none', 'identity'],
    ['', 'identity'],
    ['GZIP', 'gzip'],
  ])('C8, C9: COMPRESSION=%s means %s', async (value, expected) => {
    expect((await requestWith(await receive(), { [`${OTLP}COMPRESSION`]: value })).compression).toBe(expected)
  })

  test.each([
    ['HTTP/JSON', 'json'],
    ['Http/Protobuf', 'protobuf'],
  ])('C9: PROTOCOL=%s is known in any case', async (value, expected) => {
    expect((await requestWith(await receive(), { [`${OTLP}PROTOCOL`]: value })).encoding).toBe(expected)
  })

  test.each([`${OTLP}COMPRESSION`, `${OTLP}PROTOCOL`])('C9: an unknown value of %s is one warning', async (name) => {
    const receiver = await receive()
    const { logger, transport, said } = logWith({ [name]: 'carrier-pigeon' }, receiver)
    logger.info('line')
    await transport.flush()
    expect(said).toEqual([expect.stringContaining(`Ignored ${name}=\`carrier-pigeon\``)])
    expect(receiver.requests[0]).toMatchObject({ encoding: 'protobuf', compression: 'identity' })
  })

  test('C10: empty variables count as unset, without a word', async () => {
    const receiver = await receive()
    const names = ['ENDPOINT', 'PROTOCOL', 'HEADERS', 'COMPRESSION', 'TIMEOUT'].map((name) => LOGS + name)
    const more = ['OTEL_SDK_DISABLED', 'OTEL_LOGS_EXPORTER', 'OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES']
    const batching = ['SCHEDULE_DELAY', 'EXPORT_TIMEOUT', 'MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE']
    const all = [...names, ...more, ...batching.map((name) => `OTEL_BLRP_${name}`)]
    const env = Object.fromEntries(all.map((name) => [name, '']))
    const { logger, transport, said } = logWith({ ...env, [`${OTLP}ENDPOINT`]: receiver.endpoint })
    logger.info('line')
    await transport.flush()
    expect(receiver.records[0]!.resource['service.name']).toBe('unknown_service:node')
    expect(said.filter((message) => message.includes('OTEL_'))).toEqual([])
  })

  test.each(['-5', 'abc', '0', '1.5', '9'.repeat(30)])(
    'C12: MAX_QUEUE_SIZE=%s is a warning and the default',
    async (value) => {
      const { logger, transport, said } = logWith({ OTEL_BLRP_MAX_QUEUE_SIZE: value }, await receive({ answer: HANG }))
      logMany(logger, 5000)
      expect(transport.stats()).toMatchObject({ waiting: { records: 5000 }, dropped: { total: 0 } })
      expect(said).toEqual([expect.stringContaining(`Ignored OTEL_BLRP_MAX_QUEUE_SIZE=\``)])
    },
  )

  test.each(['-1', 'abc', '0'])('C12: MAX_EXPORT_BATCH_SIZE=%s is a warning and the default', async (value) => {
    const receiver = await receive()
    const { logger, transport, said } = logWith({ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: value }, receiver)
    logMany(logger, 9000)
    await transport.flush()
    expect(sizes(receiver)).toEqual([8192, 808])
    expect(said).toEqual([expect.stringContaining('Ignored OTEL_BLRP_MAX_EXPORT_BATCH_SIZE')])
  })

  test('C13: TIMEOUT=0 is no limit: an answer after more than the default of 10 s still counts', async () => {
    const receiver = await receive({ answer: { delayMillis: 10_500 } })
    const { logger, transport } = logWith({ [`${OTLP}TIMEOUT`]: '0' }, receiver)
    logger.info('line')
    expect(await transport.flush()).toEqual({ complete: true, waiting: 0 })
    expect(transport.stats()).toMatchObject({ sent: 1, requests: 1 })
  })
})
