import { hostname } from 'node:os'
import packageJson from '../package.json' with { type: 'json' }
import { Environment } from './environment.ts'
import type { Detector, OtlpOptions } from './options.ts'
import { resolveResource } from './resource.ts'

interface Case {
  option?: OtlpOptions['resource']
  detectors?: readonly Detector[]
  env?: Record<string, string>
  execPath?: string
}

function resolve({ env = {}, detectors = ['env', 'host', 'process'], ...rest }: Case = {}) {
  const warnings: string[] = []
  const warn = (warning: string) => void warnings.push(warning)
  return {
    attributes: resolveResource({ ...rest, detectors, environment: new Environment(warn, env), warn }),
    warnings,
  }
}

/** What Resource of @opentelemetry/resources looks like: getters on a prototype. */
class FakeResource {
  readonly #attributes: Record<string, unknown>
  readonly asyncAttributesPending: boolean
  constructor(attributes: Record<string, unknown>, asyncAttributesPending = false) {
    this.#attributes = attributes
    this.asyncAttributesPending = asyncAttributesPending
  }
  get attributes(): Record<string, unknown> {
    return this.#attributes
  }
  merge(other: FakeResource | null): FakeResource {
    return other ?? this
  }
}

describe('resolveResource', () => {
  it('A5, A7, A11, A12: has a service, our own SDK name, host and process, and nothing else', () => {
    expect(resolve().attributes).toEqual({
      'service.name': 'unknown_service:node',
      'telemetry.sdk.name': 'otlp-logs-core',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': packageJson.version,
      'host.name': hostname(),
      'host.arch': expect.stringMatching(/^(amd64|arm64|arm32|x86|ppc64|s390x|riscv64|loong64)$/),
      'process.pid': process.pid,
      'process.executable.name': 'node',
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
    })
  })

  it('A5: keeps service and SDK without any detector', () => {
    const { attributes } = resolve({
      detectors: [],
      env: { OTEL_SERVICE_NAME: 'env', OTEL_RESOURCE_ATTRIBUTES: 'a=b' },
    })
    expect(Object.keys(attributes)).toEqual([
      'service.name',
      'telemetry.sdk.name',
      'telemetry.sdk.language',
      'telemetry.sdk.version',
    ])
    expect(attributes['service.name']).toBe('unknown_service:node')
  })

  it.each([
    ['/opt/node/bin/node', 'unknown_service:node'],
    ['/opt/app/orders.exe', 'unknown_service:orders'],
    ['', 'unknown_service'],
  ])('A6: names the service of %p %s', (execPath, name) => {
    expect(resolve({ execPath }).attributes['service.name']).toBe(name)
  })

  it.each([
    [{ option: { 'service.name': 'code' } }, 'code'],
    [{}, 'variable'],
    [{ env: { OTEL_RESOURCE_ATTRIBUTES: 'service.name=list' } }, 'list'],
    [{ env: {} }, 'unknown_service:node'],
    [{ option: { 'service.name': undefined } }, 'variable'],
  ])('C18: code > OTEL_SERVICE_NAME > OTEL_RESOURCE_ATTRIBUTES > default: %j', (some: Case, name) => {
    const env = { OTEL_SERVICE_NAME: 'variable', OTEL_RESOURCE_ATTRIBUTES: 'service.name=list' }
    expect(resolve({ env, ...some }).attributes['service.name']).toBe(name)
  })

  it('C17: reads percent-encoded attributes, which beat what is detected', () => {
    const env = { OTEL_RESOURCE_ATTRIBUTES: ' a = b%2Cc ,empty=, d%3De=%C3%A9, host.name=h,' }
    expect(resolve({ env })).toMatchObject({
      attributes: { a: 'b,c', empty: '', 'd=e': 'é', 'host.name': 'h' },
      warnings: [],
    })
  })

  it.each(['a=b=c', 'x=y,a=%ZZ', 'x=y,a', 'x=y,=b'])('C17: discards all of %s and says so', (text) => {
    const { attributes, warnings } = resolve({ env: { OTEL_RESOURCE_ATTRIBUTES: text, OTEL_SERVICE_NAME: 's' } })
    expect(attributes).toEqual({ ...resolve().attributes, 'service.name': 's' })
    expect(warnings).toEqual([
      expect.stringMatching(/^Ignored OTEL_RESOURCE_ATTRIBUTES=`.*`: item \d .*\. Using nothing of it\.$/),
    ])
  })

  it('takes any value in the option, and null or undefined takes a detected key out', () => {
    const list = [1, { a: 2n }]
    const { attributes } = resolve({ option: { list, zero: 0, 'host.name': null, 'process.pid': undefined } })
    expect(attributes).toMatchObject({ list, zero: 0 })
    expect(attributes).not.toHaveProperty(['host.name'])
    expect(attributes).not.toHaveProperty(['process.pid'])
  })

  it('A9: makes one random service.instance.id per process, only on request', () => {
    const id = resolve({ detectors: ['serviceinstance'] }).attributes['service.instance.id']
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(resolve({ detectors: ['serviceinstance'] }).attributes['service.instance.id']).toBe(id)
    const env = { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=mine' }
    expect(resolve({ detectors: ['serviceinstance', 'env'], env }).attributes['service.instance.id']).toBe('mine')
  })

  it('A7: takes an OpenTelemetry Resource, but not its claim to be made by the OpenTelemetry SDK', () => {
    const option = new FakeResource({
      'service.name': 'shared',
      'service.instance.id': 'x',
      'telemetry.sdk.name': 'opentelemetry',
    })
    expect(resolve({ option })).toMatchObject({
      attributes: { 'service.name': 'shared', 'service.instance.id': 'x', 'telemetry.sdk.name': 'otlp-logs-core' },
      warnings: [],
    })
  })

  it('leaves pending attributes out and says so', () => {
    const pending = Promise.resolve('late')
    expect(resolve({ option: { a: 1, late: pending } })).toMatchObject({
      warnings: [expect.stringContaining('`late`')],
    })
    const { attributes, warnings } = resolve({ option: new FakeResource({ a: 1, late: pending }, true) })
    expect(attributes).toMatchObject({ a: 1 })
    expect(attributes).not.toHaveProperty('late')
    expect(warnings).toEqual([expect.stringContaining('waitForAsyncAttributes')])
  })

  it('takes a record whose keys only look like a Resource as a plain one', () => {
    const option = { attributes: { a: 1 } }
    expect(resolve({ option }).attributes['attributes']).toEqual({ a: 1 })
  })
})
