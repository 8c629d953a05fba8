// `protocol: 'grpc'` in every place that makes requests: pino's worker, the app's thread, and the worker of the last moment.

import { join } from 'node:path'
import {
  type Certificate,
  CertificateAuthority,
  type GrpcReceiver,
  runApp,
  startGrpcReceiver,
} from '@otlp-logs/test-support'

const PACKAGE_FOLDER = join(__dirname, '..')
const PREFIX = 'OTEL_EXPORTER_OTLP_'

const PINO = {
  'the worker target': (options: string) => `pino({ transport: { target: 'pino-otlp', options: ${options} } })`,
  otlpTransport: (options: string) => `pino({}, otlpTransport(${options}))`,
  otlpStream: (options: string) => `pino({}, otlpStream(${options}))`,
}

const IMPORTS = {
  mjs: `import pino from 'pino'\nimport { otlpStream, otlpTransport } from 'pino-otlp'`,
  cjs: `const pino = require('pino')\nconst { otlpStream, otlpTransport } = require('pino-otlp')`,
}

let authority: CertificateAuthority
let client: Certificate
let receiver: GrpcReceiver

beforeAll(() => {
  authority = new CertificateAuthority()
  client = authority.make()
})

afterEach(() => receiver.close())

afterAll(() => authority.close())

describe.each(Object.entries(PINO))('%s', (_mode, logger) => {
  const run = (
    options: object,
    end: string,
    { extension = 'mjs', env = {} }: { extension?: 'mjs' | 'cjs'; env?: Record<string, string> } = {},
  ): ReturnType<typeof runApp> => {
    const source = `${IMPORTS[extension]}
      const logger = ${logger(JSON.stringify(options))}
      for (let n = 1; n <= 100; n++) logger.info('line ' + n)
      ${end}`
    return runApp(source, { resolveFrom: PACKAGE_FOLDER, extension, env })
  }
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i + 1}`)
  const arrived = (): unknown[] => receiver.records.map(({ body }) => body)

  test.each(['mjs', 'cjs'] as const)('O12: delivers at a natural end (%s)', async (extension) => {
    receiver = await startGrpcReceiver()
    const options = { protocol: 'grpc', endpoint: receiver.endpoint, compression: 'gzip' }
    expect(await run(options, 'process.exitCode = 3', { extension })).toMatchObject({ code: 3, stderr: '' })
    expect(arrived()).toEqual(lines)
    expect(receiver.problems).toEqual([])
  })

  test('delivers at process.exit(3), and keeps the code', async () => {
    receiver = await startGrpcReceiver()
    const options = { protocol: 'grpc', endpoint: receiver.endpoint, maxExportBatchSize: 30 }
    expect(await run(options, 'process.exit(3)')).toMatchObject({ code: 3, stderr: '' })
    expect(arrived()).toEqual(lines)
    expect(receiver.problems).toEqual([])
  })

  test('delivers over mTLS at process.exit(3), by the variables alone', async () => {
    receiver = await startGrpcReceiver({ tls: { ...authority.make(), ca: authority.certificate } })
    const env = {
      [`${PREFIX}PROTOCOL`]: 'grpc',
      // Without a scheme, it is TLS.
      [`${PREFIX}ENDPOINT`]: `127.0.0.1:${receiver.port}`,
      [`${PREFIX}CERTIFICATE`]: authority.path,
      [`${PREFIX}CLIENT_KEY`]: client.keyPath,
      [`${PREFIX}CLIENT_CERTIFICATE`]: client.certPath,
    }
    expect(await run({}, 'process.exit(3)', { env })).toMatchObject({ code: 3, stderr: '' })
    expect(arrived()).toEqual(lines)
  })

  test.each([
    ['a natural end', '', 0],
    ['process.exit(3)', 'process.exit(3)', 3],
  ])('with a server that hangs, %s comes by closeTimeoutMillis, with the count on stderr', async (_end, end, code) => {
    receiver = await startGrpcReceiver({ answer: { hang: true } })
    const options = { protocol: 'grpc', endpoint: receiver.endpoint, closeTimeoutMillis: 500 }
    const result = await run(options, end)
    expect(result.code).toBe(code)
    expect(result.stderr.match(/\b100 log records not delivered/g)).toHaveLength(1)
    // With start and load of the app on a slow machine, and far from the 10 s of a request that nobody answers.
    expect(result.millis).toBeLessThan(6000)
  })

  test('an app that is done waits for no request under way', async () => {
    receiver = await startGrpcReceiver({ answer: { hang: true } })
    const options = { protocol: 'grpc', endpoint: receiver.endpoint, scheduledDelayMillis: 1, closeTimeoutMillis: 300 }
    // Long enough for a request to be under way, and far less than timeoutMillis.
    const { code, millis } = await run(options, 'setTimeout(() => {}, 700)')
    expect(code).toBe(0)
    expect(millis).toBeLessThan(6000)
  })
})
