// A1 to A14: semantic conventions: where a line was logged, and by whom.

import { randomUUID } from 'node:crypto'
import { arch, hostname } from 'node:os'
import { join } from 'node:path'
import { runApp } from '@otlp-logs/test-support'
import type { OtlpOptions } from 'pino-otlp'
import { MODES, Shipyard } from './ship.ts'

const yard = new Shipyard()
const PACKAGE = join(__dirname, '../..')

/** Logs one line in a process of its own, in the environment of a user who set nothing, and gives the resource. */
async function resourceOf(transport: string, env: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const [record] = await yard.arrived(async () => {
    const source = `
      import pino from 'pino'
      import { otlpStream, otlpTransport } from 'pino-otlp'
      const transport = ${transport}
      pino({}, transport).info('x')
      await transport.close()`
    const { code, stderr } = await runApp(source, { resolveFrom: PACKAGE, env, args: ['--password=secret'] })
    expect([code, stderr]).toEqual([0, ''])
  })
  return record!.resource
}

describe.each(MODES)('attributes by %s', (mode) => {
  it.each([
    ['/app/orders.js:10:5', { 'code.file.path': '/app/orders.js', 'code.line.number': 10, 'code.column.number': 5 }],
    [
      'Server.handle (file:///app/a.js:7:1)',
      {
        'code.function.name': 'Server.handle',
        'code.file.path': '/app/a.js',
        'code.line.number': 7,
        'code.column.number': 1,
      },
    ],
    ['orders.js:10', { 'code.file.path': 'orders.js', 'code.line.number': 10 }],
    ['somewhere', { caller: 'somewhere' }],
  ])('A1: with keys.caller, `%s` becomes attributes of code', async (caller, expected) => {
    const setup = { transport: { keys: { caller: 'caller' } } }
    const record = await yard.one(mode, (log) => log.info({ caller }, 'x'), setup)
    expect({ ...record.attributes }).toEqual(expected)
  })

  it('A1: without keys.caller a field of that name stays as it is', async () => {
    const record = await yard.one(mode, (log) => log.info({ caller: 'a.js:10:5' }, 'x'))
    expect({ ...record.attributes }).toEqual({ caller: 'a.js:10:5' })
  })

  it('A5, A6, A7, A11, A12: a user who sets nothing has a service, our own SDK name, host and process, and no command line', async () => {
    const resource = await resourceOf(`${mode}({ endpoint: '${yard.receiver.endpoint}' })`)
    expect({ ...resource }).toEqual({
      'service.name': 'unknown_service:node',
      'telemetry.sdk.name': 'otlp-logs-core',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': expect.stringMatching(/^\d+\.\d+\.\d+/),
      'host.name': hostname(),
      'host.arch': { x64: 'amd64', arm64: 'arm64' }[arch() as string] ?? expect.any(String),
      'process.pid': expect.any(Number),
      'process.executable.name': 'node',
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
    })
    expect(JSON.stringify(resource)).not.toContain('secret')
  })

  it('A5: the four required attributes are there when everything that is detected is switched off', async () => {
    const record = await yard.one(mode, (log) => log.info('x'), { transport: { detectors: [] } })
    expect(Object.keys(record.resource)).toEqual([
      'service.name',
      'telemetry.sdk.name',
      'telemetry.sdk.language',
      'telemetry.sdk.version',
    ])
  })

  it("A5: a service name that the user's code leaves undefined falls back", async () => {
    const transport = { resource: { 'service.name': undefined, 'service.version': '1.2.3' } }
    const record = await yard.one(mode, (log) => log.info('x'), { transport })
    expect(record.resource).toMatchObject({ 'service.name': 'unknown_service:node', 'service.version': '1.2.3' })
  })

  it('A10: service.namespace and deployment.environment.name pass as they are, and no old names are added', async () => {
    const resource = { 'service.namespace': 'shop', 'deployment.environment.name': 'staging' }
    const record = await yard.one(mode, (log) => log.info('x'), { transport: { resource } })
    expect(record.resource).toMatchObject(resource)
    expect(Object.keys(record.resource)).not.toContain('deployment.environment')
  })

  it('A2: on request, log.record.original is the line as pino wrote it', async () => {
    const transport: OtlpOptions = { recordAttributes: ['log.record.original'] }
    const text = '{"level":30,"time":1795238556471,"a": 1,"msg":"x"}'
    const [record] = await yard.write(mode, `${text}\n`, { transport })
    expect({ ...record!.attributes }).toEqual({ a: 1, 'log.record.original': text })
    expect(record!.body).toBe('x')
    expect(await yard.one(mode, (log) => log.info('x'))).toMatchObject({ attributes: {} })
  })

  it('A2: log.record.original is left out where the body is the same text', async () => {
    const original: OtlpOptions = { recordAttributes: ['log.record.original'] }
    expect(await yard.write(mode, 'no json\n', { transport: original })).toMatchObject([
      { body: 'no json', attributes: {} },
    ])
    const record = await yard.one(mode, (log) => log.info('x'), { transport: { ...original, body: 'line' } })
    expect(Object.keys(record.attributes)).toEqual([])
  })

  it('A2: with redaction log.record.original is left out, as it would bring back what was taken out', async () => {
    const transport: OtlpOptions = {
      recordAttributes: ['log.record.original'],
      redact: { paths: ['password'] },
      diagnostics: 'none',
    }
    const record = await yard.one(mode, (log) => log.info({ password: 'secret' }, 'x'), { transport })
    expect({ ...record.attributes }).toEqual({ password: '[REDACTED]' })
  })

  it('A3: on request, log.record.uid is a ULID that no other record has, and each try to send it has the same', async () => {
    const transport: OtlpOptions = { recordAttributes: ['log.record.uid'], diagnostics: 'none' }
    const { receiver } = yard
    receiver.setAnswer([{ status: 503 }, {}])
    const before = receiver.allRecords.length
    const records = await yard.ship(
      mode,
      (log) => {
        for (let i = 0; i < 1000; i++) log.info({ i }, 'x')
      },
      { transport },
    )
    receiver.setAnswer({})
    const uids = new Map(records.map(({ attributes }) => [attributes['i'], attributes['log.record.uid']]))
    expect(new Set(uids.values()).size).toBe(1000)
    for (const uid of uids.values()) expect(uid).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
    const all = receiver.allRecords.slice(before).map(({ attributes }) => attributes)
    expect(all.length).toBeGreaterThan(1000)
    expect(all.filter((attributes) => attributes['log.record.uid'] !== uids.get(attributes['i']))).toEqual([])
    const plain = await yard.one(mode, (log) => log.info('x'))
    expect(Object.keys(plain.attributes)).toEqual([])
  })

  it('A4: log.iostream and log.file.* are attributes of the record where the app sets them, and never set for it', async () => {
    const fields = { 'log.iostream': 'stdout', 'log.file.path': '/var/log/app.log' }
    const record = await yard.one(mode, (log) => log.info(fields, 'x'))
    expect({ ...record.attributes }).toEqual(fields)
    expect(Object.keys(record.resource).filter((name) => name.startsWith('log.'))).toEqual([])
    expect(Object.keys((await yard.one(mode, (log) => log.info('x'))).attributes)).toEqual([])
  })

  it('A8: our own core is no distribution of the OpenTelemetry SDK, and does not say so', async () => {
    const record = await yard.one(mode, (log) => log.info('x'))
    expect(Object.keys(record.resource).filter((name) => name.startsWith('telemetry.distro'))).toEqual([])
  })

  it('A13: pid and hostname of the line are said once, by the resource', async () => {
    const record = await yard.one(mode, (log) => log.info('x'))
    expect(record.resource).toMatchObject({ 'process.pid': process.pid, 'host.name': hostname() })
    expect(Object.keys(record.attributes)).toEqual([])
  })

  it('A13: a pid and a hostname that differ from those of the process are kept', async () => {
    const record = await yard.one(mode, (log) => log.info('x'), { logger: { base: { pid: 1, hostname: 'h' } } })
    expect({ ...record.attributes }).toEqual({ 'process.pid': 1, 'host.name': 'h' })
  })

  it('A13: without a resource to say them, they are kept, too', async () => {
    const record = await yard.one(mode, (log) => log.info('x'), { transport: { detectors: ['env'] } })
    expect({ ...record.attributes }).toEqual({ 'process.pid': process.pid, 'host.name': hostname() })
  })
})

describe('resource', () => {
  // Not by default: Loki makes a stream of each process then.
  it('A9: on request every process has a service.instance.id of its own, by default none', async () => {
    const transport = `otlpStream({ endpoint: '${yard.receiver.endpoint}', detectors: ['serviceinstance'] })`
    const [one, two] = [await resourceOf(transport), await resourceOf(transport)]
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    for (const id of [one['service.instance.id'], two['service.instance.id']]) expect(id).toMatch(uuid)
    expect(one['service.instance.id']).not.toBe(two['service.instance.id'])
  })

  it("A9: an app's own service.instance.id is taken, so that its traces and logs agree", async () => {
    const id = randomUUID()
    const transport = { detectors: ['serviceinstance' as const], resource: { 'service.instance.id': id } }
    for (const mode of MODES) {
      const record = await yard.one(mode, (log) => log.info('x'), { transport })
      expect(record.resource['service.instance.id']).toBe(id)
    }
  })

  it('A14: per key the option wins over the environment, even with an empty value, and there is no schema URL to conflict', async () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=env,service.version=1', OTEL_SERVICE_NAME: 'env' }
    const resource = "{ 'service.namespace': '', 'service.name': 'code' }"
    const merged = await resourceOf(`otlpStream({ endpoint: '${yard.receiver.endpoint}', resource: ${resource} })`, env)
    expect(merged).toMatchObject({ 'service.namespace': '', 'service.name': 'code', 'service.version': '1' })
    expect(yard.receiver.records.at(-1)!.resourceSchemaUrl).toBe('')
  })
})
