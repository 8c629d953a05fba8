// mTLS in every place that makes requests: pino's worker, the app's thread, and the worker of the last moment.

import { join } from 'node:path'
import { type Certificate, CertificateAuthority, type Receiver, runApp, startReceiver } from '@otlp-logs/test-support'

const PACKAGE_FOLDER = join(__dirname, '..')
const PREFIX = 'OTEL_EXPORTER_OTLP_'

const PINO = {
  'the worker target': (options: string) => `pino({ transport: { target: 'pino-otlp', options: ${options} } })`,
  otlpTransport: (options: string) => `pino({}, otlpTransport(${options}))`,
  otlpStream: (options: string) => `pino({}, otlpStream(${options}))`,
}

let authority: CertificateAuthority
let client: Certificate
let receiver: Receiver

beforeAll(async () => {
  authority = new CertificateAuthority()
  client = authority.make()
})

beforeEach(async () => {
  receiver = await startReceiver({ tls: { ...authority.make(), ca: authority.certificate } })
})

afterEach(() => receiver.close())

afterAll(() => authority.close())

describe.each(Object.entries(PINO))('%s', (_mode, logger) => {
  const run = (options: string, end: string, env: Record<string, string> = {}): ReturnType<typeof runApp> =>
    runApp(
      `import { readFileSync } from 'node:fs'
       import pino from 'pino'
       import { otlpStream, otlpTransport } from 'pino-otlp'
       const logger = ${logger(options)}
       logger.info('line')
       ${end}`,
      { resolveFrom: PACKAGE_FOLDER, env },
    )
  const bodies = (): unknown[] => receiver.records.map(({ body }) => body)

  test.each([
    ['a natural end', 'process.exitCode = 3'],
    ['process.exit', 'process.exit(3)'],
  ])('C14: delivers with a client certificate, given as Buffers, before %s', async (_end, end) => {
    const options = `{
      endpoint: '${receiver.endpoint}',
      tls: { ca: readFileSync('${authority.path}'), cert: readFileSync('${client.certPath}'), key: '${client.keyPath}' },
    }`
    expect(await run(options, end)).toMatchObject({ code: 3, stderr: '' })
    expect(bodies()).toEqual(['line'])
  })

  test('C14: delivers with the files of the variables', async () => {
    const env = {
      [`${PREFIX}ENDPOINT`]: receiver.endpoint,
      [`${PREFIX}CERTIFICATE`]: authority.path,
      [`${PREFIX}CLIENT_KEY`]: client.keyPath,
      [`${PREFIX}CLIENT_CERTIFICATE`]: client.certPath,
    }
    expect(await run('{}', '', env)).toMatchObject({ code: 0, stderr: '' })
    expect(bodies()).toEqual(['line'])
  })

  test('C14: a variable with a file that is not there is one warning, and the app lives', async () => {
    const env = { [`${PREFIX}ENDPOINT`]: receiver.endpoint, [`${PREFIX}CERTIFICATE`]: '/no/ca.pem' }
    const { code, stderr } = await run('{ closeTimeoutMillis: 1 }', `console.log('on')`, env)
    expect(code).toBe(0)
    expect(stderr.match(/Ignored OTEL_EXPORTER_OTLP_CERTIFICATE: .*`\/no\/ca.pem`/g)).toHaveLength(1)
  })
})
