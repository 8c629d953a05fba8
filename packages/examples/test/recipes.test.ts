// docs/recipes.md: a block under the name of a file is that file, and every other program runs here as it stands, but for
// the address that it sends to.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AppResult,
  CertificateAuthority,
  makeTempFolder,
  type Receiver,
  runApp,
  startGrpcReceiver,
  startReceiver,
} from '@otlp-logs/test-support'
import { FOLDER, linesOf } from './example.ts'

const REPOSITORY = join(FOLDER, '../..')
const RECIPES = readFileSync(join(REPOSITORY, 'docs/recipes.md'), 'utf8')
const NAMED = /^`(packages\/examples\/[^`]+)`\n\n```\w+\n(.*?)^```$/gms

/** What is needed to run the Next.js example, and has nothing to do with logs. */
const NOT_SHOWN = ['nextjs/app/layout.js', 'nextjs/app/page.js', 'nextjs/jsconfig.json']

const shown = [...RECIPES.matchAll(NAMED)].map(([, path, code]) => ({ path: path!, code: code! }))
/** The programs without a file, by the heading that they stand under. */
const programs = new Map(
  RECIPES.split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const code = [...section.replace(NAMED, '').matchAll(/^```(?!text)\w*\n(.*?)^```$/gms)].map(([, text]) => text!)
      return code.length === 0 ? [] : [[section.split('\n')[0]!, code] as const]
    }),
)

let receiver: Receiver
afterEach(() => receiver?.close())

/** @param addresses what stands for addresses that the recipe names */
async function run(
  recipe: string,
  env: Record<string, string> = {},
  addresses: Record<string, string> = {},
): Promise<AppResult> {
  const [code = '', ...others] = programs.get(recipe) ?? []
  expect(others).toEqual([])
  const result = await runApp(addressed(code, addresses), {
    resolveFrom: FOLDER,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ...env },
  })
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(receiver.problems).toEqual([])
  return result
}

function addressed(code: string, addresses: Record<string, string>): string {
  return Object.entries(addresses).reduce((text, [from, to]) => text.replace(from, to), code)
}

describe('docs/recipes.md', () => {
  it.each(shown)('shows $path as it is', ({ path, code }) => {
    expect(code).toBe(readFileSync(join(REPOSITORY, path), 'utf8'))
  })

  it('shows every file of the examples', () => {
    const files = readdirSync(join(FOLDER, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(REPOSITORY.length + 1)
          .replaceAll('\\', '/'),
      )
    const others = NOT_SHOWN.map((file) => `packages/examples/src/${file}`)
    expect(files.toSorted()).toEqual([...shown.map(({ path }) => path), ...others].toSorted())
  })

  it('has no program that is not run here', () => {
    expect([...programs.keys()]).toEqual([
      "Through the app's own SDK",
      'Loki, without a collector',
      'Grafana Cloud',
      'gRPC',
      'A private authority, and mTLS',
      'Several destinations',
      'Kept through outages and restarts',
      'Secrets taken out',
      'Ids that nobody can read',
      'Custom levels',
      'None, in tests',
    ])
  })
})

describe('the recipe', () => {
  it('for an SDK of the app hands over to it', async () => {
    receiver = await startReceiver()
    const { stdout } = await run("Through the app's own SDK")
    expect(linesOf(stdout)).toMatchObject([{ msg: 'order placed', orderId: 42 }])
    expect(receiver.records).toMatchObject([
      {
        body: 'order placed',
        attributes: { orderId: 42 },
        scope: { name: 'pino-otlp' },
        resource: { 'service.name': 'orders', 'telemetry.sdk.name': 'opentelemetry' },
      },
    ])
  })

  it('for Loki sends to /otlp/v1/logs, for a tenant', async () => {
    receiver = await startReceiver({ path: '/otlp/v1/logs' })
    await run('Loki, without a collector', {}, { 'http://loki:3100': receiver.endpoint })
    expect(receiver.requests[0]?.headers['x-scope-orgid']).toBe('team-checkout')
    expect(receiver.records).toMatchObject([
      {
        body: 'payment failed',
        attributes: { status: 402, card: { last4: '0069' } },
        resource: { 'service.name': 'orders', 'deployment.environment.name': 'production' },
      },
    ])
  })

  it('for Grafana Cloud signs in, and compresses', async () => {
    receiver = await startReceiver({ path: '/otlp/v1/logs' })
    const env = { GRAFANA_INSTANCE: '12345', GRAFANA_TOKEN: 'glc_x' }
    await run('Grafana Cloud', env, { 'https://otlp-gateway-prod-eu-west-2.grafana.net': receiver.endpoint })
    expect(receiver.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('12345:glc_x').toString('base64')}`,
      'content-encoding': 'gzip',
    })
    expect(receiver.records).toMatchObject([{ body: 'order placed', attributes: { orderId: 42 } }])
  })

  it('for gRPC sends to the port of gRPC', async () => {
    receiver = await startReceiver()
    const server = await startGrpcReceiver()
    try {
      await run('gRPC', {}, { 'http://collector:4317': server.endpoint })
      expect(server.records).toMatchObject([{ body: 'order placed', attributes: { orderId: 42 } }])
      expect([server.problems, receiver.sockets]).toEqual([[], 0])
    } finally {
      await server.close()
    }
  })

  it('for mTLS trusts the authority, and shows a certificate of it', async () => {
    const authority = new CertificateAuthority()
    try {
      const { certPath, keyPath } = authority.make()
      receiver = await startReceiver({ tls: { ...authority.make(), ca: authority.certificate } })
      const addresses = {
        'https://collector:4318': receiver.endpoint,
        '/etc/otlp/ca.pem': authority.path,
        '/etc/otlp/client.pem': certPath,
        '/etc/otlp/client-key.pem': keyPath,
      }
      await run('A private authority, and mTLS', {}, addresses)
      expect(receiver.records).toMatchObject([{ body: 'order placed', attributes: { orderId: 42 } }])
    } finally {
      authority.close()
    }
  })

  it('for several destinations sends each what is meant for it, and credentials of one to no other', async () => {
    receiver = await startReceiver()
    const vendor = await startReceiver()
    try {
      const env = { VENDOR_KEY: 'of the vendor', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=of-somebody-else' }
      const addresses = { 'http://collector:4318': receiver.endpoint, 'https://otlp.vendor.example': vendor.endpoint }
      const { stdout } = await run('Several destinations', env, addresses)
      expect(linesOf(stdout).map(({ msg }) => msg)).toEqual(['cache missed', 'stock is low'])
      expect(receiver.records.map(({ body }) => body)).toEqual(['cache missed', 'stock is low'])
      expect(vendor.records.map(({ body }) => body)).toEqual(['stock is low'])
      expect(receiver.requests.map(({ headers }) => headers['authorization'] ?? headers['api-key'])).toEqual([
        undefined,
      ])
      expect(vendor.requests[0]?.headers['authorization']).toBe(undefined)
      expect(vendor.requests[0]?.headers['api-key']).toBe('of the vendor')
    } finally {
      await vendor.close()
    }
  })

  it('for a journal delivers with the next process what the collector did not take', async () => {
    receiver = await startReceiver({ answer: { status: 503 } })
    const temp = makeTempFolder()
    try {
      const [code = ''] = programs.get('Kept through outages and restarts')!
      const addresses = { '/data/journal': join(temp.path, 'journal') }
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint }
      const first = await runApp(addressed(code, addresses), { resolveFrom: FOLDER, env })
      expect([first.code, receiver.records]).toEqual([0, []])
      receiver.setAnswer({})
      await run('Kept through outages and restarts', { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=new' }, addresses)
      expect(receiver.records.map(({ body }) => body)).toEqual(['order placed', 'order placed'])
    } finally {
      temp.remove()
    }
  })

  it('for secrets takes them out', async () => {
    receiver = await startReceiver()
    await run('Secrets taken out')
    expect(receiver.records.map(({ body, attributes }) => [body, attributes])).toEqual([
      ['signed in', { user: { name: 'ada' }, headers: {} }],
    ])
  })

  it('for ids sends the same hash for the same person', async () => {
    receiver = await startReceiver()
    await run('Ids that nobody can read', { LOG_HASH_KEY: 'of 16 characters or more' })
    const user = { id: expect.stringMatching(/^[0-9a-f]{64}$/), email: expect.stringMatching(/^[0-9a-f]{64}$/) }
    expect(receiver.records).toMatchObject([
      { body: 'cart opened', attributes: { user } },
      { body: 'cart emptied', attributes: { user } },
    ])
    const [opened, emptied] = receiver.records
    expect(opened?.attributes).toEqual(emptied?.attributes)
  })

  it('for custom levels places them by number, or as it is told', async () => {
    receiver = await startReceiver()
    await run('Custom levels')
    expect(receiver.records).toMatchObject([
      { severityText: 'audit', severityNumber: 11, body: 'invoice opened', attributes: { user: 7 } },
      { severityText: 'security', severityNumber: 17, body: 'password guessed', attributes: { user: 7 } },
    ])
  })

  it.each([
    ['test', []],
    ['production', ['order placed']],
  ])('for tests with NODE_ENV=%s sends %j', async (NODE_ENV, bodies) => {
    receiver = await startReceiver()
    const { stdout } = await run('None, in tests', { NODE_ENV })
    expect(JSON.parse(stdout)).toEqual({ level: 'info', message: 'order placed' })
    expect(receiver.records.map(({ body }) => body)).toEqual(bodies)
  })
})
