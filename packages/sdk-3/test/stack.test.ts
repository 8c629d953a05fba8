// `pipeline: 'sdk'`: the reference stack, made of the packages that the app has, in SDK 2.x and SDK 3.x.

import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CertificateAuthority,
  makeTempFolder,
  type Receiver,
  runApp,
  startGrpcReceiver,
  startReceiver,
  type TempFolder,
} from '@otlp-logs/test-support'
import { run, SDKS } from './app.ts'

const PROTOCOLS = ['http/protobuf', 'http/json'] as const
const EVERY = SDKS.flatMap((sdk) => PROTOCOLS.map((protocol) => [sdk, protocol] as const))

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  expect(receiver.problems).toEqual([])
  await receiver.close()
})

/** Of each batch. */
function sizes(): number[] {
  const byRequest = new Map<number, number>()
  for (const { requestIndex } of receiver.records) byRequest.set(requestIndex, (byRequest.get(requestIndex) ?? 0) + 1)
  return [...byRequest.values()]
}

describe.each(EVERY)('SDK %i.x by %s', (sdk, protocol) => {
  const make = (options = ''): string =>
    `const { logger, transport } = makeLogger.otlpStream({ pipeline: 'sdk', url, protocol: '${protocol}', ${options} })`

  test('records arrive as the options say, sent by the SDK', async () => {
    const told = await run(
      sdk,
      receiver,
      `
      ${make(`
        compression: 'gzip',
        headers: { 'x-tenant': 'a' },
        resource: { 'service.name': 'orders', replicas: 3, tags: ['a', 'b'] },
        detectors: ['process'],
        limits: { attributeCountLimit: 2 },`)}
      logger.info({ a: 1, b: 2, c: 3 }, 'hello')
      tell(await transport.flush())
      tell([transport.stats(), said])`,
    )
    expect(told).toMatchObject([{ complete: true }, [{ received: 1, sent: 1 }, []]])
    const [request] = receiver.requests
    expect(request).toMatchObject({ compression: 'gzip' })
    expect(request!.headers).toMatchObject({
      'x-tenant': 'a',
      'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
      'user-agent': expect.stringMatching(/^pino-otlp\/\S* OTel-OTLP-Exporter-JavaScript\//) as string,
    })
    expect(receiver.records).toMatchObject([
      {
        body: 'hello',
        scope: { name: 'pino-otlp' },
        resource: {
          'service.name': 'orders',
          replicas: 3,
          tags: ['a', 'b'],
          'process.pid': expect.any(Number) as number,
          'telemetry.sdk.name': 'opentelemetry',
        },
      },
    ])
    expect(Object.keys(receiver.records[0]!.attributes)).toHaveLength(2)
    expect(receiver.records[0]!.droppedAttributesCount).toBeGreaterThan(0)
  })

  test('a natural end delivers, and close() ends the stack', async () => {
    await run(sdk, receiver, `${make('scheduledDelayMillis: 3_600_000')}\nlogger.info('at the end')`)
    await run(
      sdk,
      receiver,
      `${make('scheduledDelayMillis: 3_600_000')}
      logger.info('closed')
      await transport.close()
      logger.info('too late')
      tell(transport.stats().dropped)
      process.reallyExit(0)`,
    )
    expect(receiver.records.map(({ body }) => body)).toEqual(['at the end', 'closed'])
  })

  test('headers() is asked for each request, and what it throws costs no more than the headers', async () => {
    const told = await run(
      sdk,
      receiver,
      `let n = 0
      ${make(`headers: async () => { if (++n === 2) throw new Error('no token'); return { authorization: 'Bearer ' + n } }`)}
      for (let i = 0; i < 3; i++) {
        logger.info('line')
        await transport.flush()
      }
      tell(said)`,
    )
    expect(receiver.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer 1',
      undefined,
      'Bearer 3',
    ])
    expect(told).toEqual([['`headers` failed: no token; the request goes without them']])
  })
})

describe.each(SDKS)('SDK %i.x', (sdk) => {
  test('a batch and a queue have the size that is asked for, or else the one of the SDK', async () => {
    const main = (options: string): string => `
      const { logger, transport } = makeLogger.otlpStream({ pipeline: 'sdk', url, ${options} })
      for (let i = 0; i < 3000; i++) logger.info({ i }, 'line')
      await transport.close()`
    await run(sdk, receiver, main(''))
    // One batch is on its way at once; the queue of the SDK is full at 2048, and drops what comes then.
    expect(sizes()).toEqual([512, 512, 512, 512, 512])
    receiver.records.length = 0
    await run(sdk, receiver, main('maxQueueSize: 3000, maxExportBatchSize: 1000'))
    expect(sizes()).toEqual([1000, 1000, 1000])
  })

  test('an authority that is trusted is trusted by the SDK, too', async () => {
    const authority = new CertificateAuthority()
    const secured = await startReceiver({ tls: authority.make() })
    const options = `endpoint: '${secured.endpoint}', tls: { ca: ${JSON.stringify(authority.path)} }`
    await run(sdk, receiver, `makeLogger.otlpStream({ pipeline: 'sdk', ${options} }).logger.info('secured')`)
    expect(secured.records.map(({ body }) => body)).toEqual(['secured'])
    await secured.close()
    authority.close()
  })

  test('records arrive by gRPC, with headers, with TLS and without', async () => {
    const authority = new CertificateAuthority()
    // By name: of an address, Node would warn for the SDK.
    const secured = await startGrpcReceiver({ tls: authority.make({ subject: 'DNS:localhost' }) })
    const plain = await startGrpcReceiver()
    for (const { endpoint } of [secured, plain]) {
      const where = `endpoint: '${endpoint.replace('127.0.0.1', 'localhost')}'`
      const options = `${where}, tls: { ca: ${JSON.stringify(authority.path)} }, compression: 'gzip'`
      await run(
        sdk,
        receiver,
        `makeLogger.otlpStream({ pipeline: 'sdk', protocol: 'grpc', headers: { 'x-tenant': 'a' }, ${options} }).logger.info('hello')`,
      )
    }
    for (const each of [secured, plain]) {
      expect(each.records.map(({ body }) => body)).toEqual(['hello'])
      expect(each.calls[0]!.metadata).toMatchObject({ 'x-tenant': ['a'] })
      await each.close()
    }
    authority.close()
  })

  test('what an SDK knows nothing of is said', async () => {
    const options = `compression: 'zstd', journal: { directory: '/nowhere' }, maxQueueBytes: 2 ** 20`
    const [said] = await run(
      sdk,
      receiver,
      `const { logger } = makeLogger.otlpStream({ pipeline: 'sdk', url, ${options} })\ntell(said)`,
    )
    expect(said).toEqual([
      "The SDK's exporters know no zstd: with `pipeline: 'sdk'`, gzip is used instead",
      "Ignored `maxQueueBytes`, `journal`: with `pipeline: 'sdk'`, that is up to the OpenTelemetry SDK",
    ])
  })
})

describe('an app', () => {
  const NAMES = ['sdk-logs', 'exporter-logs-otlp-http', 'resources'].map((name) => `@opentelemetry/${name}`)
  const SOURCE = `
    import { OtlpTransport } from 'winston-otlp'
    try {
      new OtlpTransport({ pipeline: 'sdk', protocol: 'http/json' })
    } catch (error) {
      console.log(String(error))
    }`
  let folder: TempFolder
  beforeEach(() => {
    folder = makeTempFolder()
    const workspace = join(__dirname, '../../winston-otlp')
    const modules = join(folder.path, 'node_modules')
    // A copy, as it is installed: in the workspace it would find what its own tests use.
    for (const part of ['dist', 'package.json']) {
      cpSync(join(workspace, part), join(modules, 'winston-otlp', part), { recursive: true })
    }
    for (const name of ['otlp-logs-core', 'winston-transport']) {
      symlinkSync(realpathSync(join(workspace, 'node_modules', name)), join(modules, name), 'junction')
    }
  })
  afterEach(() => folder.remove())

  /** What is thrown in an app that has these packages, of which each is one file. */
  async function thrownWith(packages: Record<string, string>): Promise<string> {
    for (const [name, source] of Object.entries(packages)) {
      mkdirSync(join(folder.path, 'node_modules', name), { recursive: true })
      writeFileSync(join(folder.path, 'node_modules', name, 'index.js'), source)
    }
    return (await runApp(SOURCE, { resolveFrom: folder.path })).stdout
  }

  test('without the packages is told the command that installs them', async () => {
    expect(await thrownWith({})).toBe(
      `TypeError: \`pipeline: 'sdk'\` needs packages that are not installed (${NAMES.join(', ')}): npm install @opentelemetry/api ${NAMES.join(' ')}\n`,
    )
    expect(await thrownWith({ [NAMES[0]!]: '', [NAMES[2]!]: '' })).toContain(
      `needs a package that is not installed (${NAMES[1]}): npm install`,
    )
  })

  test('with a package that breaks is told which', async () => {
    const broken = { [NAMES[0]!]: `throw new Error('no such API')`, [NAMES[1]!]: '', [NAMES[2]!]: '' }
    expect(await thrownWith(broken)).toBe(`TypeError: \`pipeline: 'sdk'\` could not load ${NAMES[0]}: no such API\n`)
  })

  test('with an SDK that is too old is told so, as it would lose every record in silence', async () => {
    const old = `exports.BatchLogRecordProcessor = class extends (class { constructor(exporter, config) {} }) {}`
    const others = { [NAMES[1]!]: '', [NAMES[2]!]: '' }
    expect(await thrownWith({ [NAMES[0]!]: old, ...others })).toContain(`it needs ${NAMES[0]} 0.220 or later`)
  })
})

test.each([
  [`loggerProvider: 'global'`, 'loggerProvider'],
  [`pipeline: 'sdk'`, 'pipeline'],
])('%s is refused where a worker would have to do it, by the name of what to do', async (option, name) => {
  const [thrown] = await run(3, receiver, `try { otlpTransport({ ${option} }) } catch (error) { tell(String(error)) }`)
  const message = `Expected \`${name}\` to be left out: an SDK of the app is on its own thread, where no worker can reach it. Use otlpStream`
  expect(thrown).toBe(`TypeError: ${message}`)
  const { stdout, stderr, code } = await runApp(
    `import pino from 'pino'
    const targets = [{ target: 'pino/file', options: { destination: 1 } }, { target: 'pino-otlp', options: { ${option} } }]
    pino({ transport: { targets } }).info('hello')`,
    { resolveFrom: join(__dirname, '../../pino-otlp') },
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: `pino-otlp: ${message}; no logs are sent\n` })
  expect(stdout).toContain('hello')
})
