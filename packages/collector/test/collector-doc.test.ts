// docs/collector.md: the Collector accepts every configuration there, and those without Kafka do what the page says.

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CertificateAuthority,
  type Collector,
  findOtelcol,
  makeTempFolder,
  type Receiver,
  startCollector,
  startReceiver,
  type TempFolder,
} from '@otlp-logs/test-support'
import winston from 'winston'
import { OtlpTransport, type OtlpTransportOptions } from 'winston-otlp'

const DOC = readFileSync(join(__dirname, '../../../docs/collector.md'), 'utf8')
const BLOCK = /^`([\w-]+\.yaml)`(?:, laid over `([\w-]+\.yaml)`)?\n\n```yaml\n(.*?)^```$/gms

/** Name, what it is laid over, text. */
const blocks = [...DOC.matchAll(BLOCK)].map(([, name, base, text]) => ({ name: name!, base, text: text! }))

function yaml(name: string): string {
  return blocks.find((block) => block.name === name)!.text
}

let folder: TempFolder
const open: { close(): Promise<void> }[] = []

beforeEach(() => {
  folder = makeTempFolder()
})

afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close()
  folder.remove()
})

describe('docs/collector.md', () => {
  test('has a name for each configuration', () => {
    expect(blocks.length).toBe(DOC.match(/^```yaml$/gm)!.length)
    expect(blocks.length).toBeGreaterThan(6)
  })

  test.each(blocks)('has a $name that the Collector accepts', ({ base, text }) => {
    const texts = base === undefined ? [text] : [yaml(base), text]
    const args = texts.flatMap((each, index) => {
      const path = join(folder.path, `${index}.yaml`)
      writeFileSync(path, each)
      return ['--config', path]
    })
    const { status, stderr } = spawnSync(findOtelcol()!, ['validate', ...args], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})

describe('collector.yaml', () => {
  test('brings what is logged to Loki, as the tenant', async () => {
    const loki = closing(await startReceiver({ path: '/otlp/v1/logs' }))
    const collector = await start({ files: ['collector.yaml'], exporters: { 'otlp_http/loki': toLoki(loki) } })
    await log({ endpoint: collector.endpoint }, 10)
    const records = await loki.waitForRecords(10)
    expect(records.map(({ attributes }) => attributes['number'])).toEqual([...Array(10).keys()])
    expect(loki.requests[0]!.headers['x-scope-orgid']).toBe('team-checkout')
  })

  test('with tls.yaml takes from clients that it knows', async () => {
    const authority = new CertificateAuthority()
    const loki = closing(await startReceiver({ path: '/otlp/v1/logs' }))
    const { certPath: cert_file, keyPath: key_file } = authority.make()
    const { certPath: cert, keyPath: key } = authority.make()
    const collector = await start({
      files: ['collector.yaml', 'tls.yaml'],
      http: { tls: { cert_file, key_file, client_ca_file: authority.path } },
      exporters: { 'otlp_http/loki': toLoki(loki) },
    })
    const endpoint = collector.endpoint.replace('http:', 'https:')
    await log({ endpoint, tls: { ca: authority.path, cert, key } }, 10)
    await loki.waitForRecords(10)
    authority.close()
  })

  test('with look.yaml shows what arrives, and sends nothing', async () => {
    const path = join(folder.path, 'logs.jsonl')
    const files = ['collector.yaml', 'look.yaml']
    const collector = await start({ files, exporters: { file: { path, flush_interval: '10ms' } } })
    await log({ endpoint: collector.endpoint }, 1)
    await collector.waitForLog('Body: Str(line)')
    await collector.stop()
    expect(readFileSync(path, 'utf8')).toContain('"body":{"stringValue":"line"}')
  })
})

describe.each([
  ['agent.yaml', 'otlp_grpc/gateway', (port: number, tls: object) => ({ endpoint: `dns:///127.0.0.1:${port}`, tls })],
  [
    'by-service.yaml',
    'load_balancing',
    (port: number, tls: object) => ({
      resolver: { dns: { hostname: '127.0.0.1', port: `${port}` } },
      protocol: { otlp: { tls } },
    }),
  ],
])('%s', (name, exporter, toGateway) => {
  test('with gateway.yaml loses nothing when the gateway is killed', async () => {
    const authority = new CertificateAuthority()
    const loki = closing(await startReceiver({ path: '/otlp/v1/logs' }))
    const { certPath: cert_file, keyPath: key_file } = authority.make()
    const gateway = await start({
      files: ['gateway.yaml'],
      grpc: { tls: { cert_file, key_file } },
      exporters: { 'otlp_http/loki': toLoki(loki) },
    })
    const retry_on_failure = { initial_interval: '50ms', max_interval: '100ms' }
    const agent = await start({
      files: [...new Set(['agent.yaml', name])],
      exporters: { [exporter]: { ...toGateway(gateway.grpcPort, { ca_file: authority.path }), retry_on_failure } },
    })
    await log({ endpoint: agent.endpoint }, 100)
    await loki.waitForRecords(100)
    await gateway.kill()
    await log({ endpoint: agent.endpoint }, 100, 100)
    await gateway.start()
    await loki.waitFor(() => new Set(loki.records.map(({ attributes }) => attributes['number'])).size === 200)
    authority.close()
  })
})

let folders = 0

/** A Collector with these files of the page, on ports and a disk of the test's own. */
async function start({
  files,
  ...options
}: Parameters<typeof startCollector>[0] & { files: string[] }): Promise<Collector> {
  const extensions = {
    file_storage: { directory: join(folder.path, `queue${++folders}`), create_directory: true },
    health_check: { endpoint: '127.0.0.1:0' },
  }
  return closing(await startCollector({ files: files.map(yaml), extensions, ...options }))
}

function toLoki(loki: Receiver): object {
  const sending_queue = { batch: { flush_timeout: '50ms' } }
  return { endpoint: `${loki.endpoint}/otlp`, sending_queue }
}

/** Logs so many lines with real winston, and waits until they are sent. */
async function log(options: OtlpTransportOptions, count: number, first = 0): Promise<void> {
  const transport = new OtlpTransport({ diagnostics: 'none', ...options })
  const logger = winston.createLogger({ transports: [transport] })
  for (let number = first; number < first + count; number++) logger.info('line', { number })
  await transport.flush()
  expect(transport.stats()).toMatchObject({ sent: count, dropped: { total: 0 } })
  logger.close()
}

function closing<T extends { close(): Promise<void> }>(each: T): T {
  open.push(each)
  return each
}
