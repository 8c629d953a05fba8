// Who logs: the attributes of the OpenTelemetry Resource, settled synchronously, so that no batch ever waits for them.
// Precedence per key: option > OTEL_SERVICE_NAME > OTEL_RESOURCE_ATTRIBUTES > what is detected (resource/sdk.md).
// Invariants: service.name and telemetry.sdk.* are always there, unless an option takes the latter out; the command line
// is never sent, as it may hold secrets; telemetry.sdk.name is ours, since the records are not made by the OpenTelemetry SDK.

import { arch, hostname } from 'node:os'
import { basename } from 'node:path'
import { isRecord } from './check.ts'
import { type Environment, readAttributes, type Variable } from './environment.ts'
import type { Detector, OtlpOptions, ResourceLike } from './options.ts'
import { NAME, VERSION } from './version.ts'

type Attributes = Record<string, unknown>

// Names of host.arch in the semantic conventions, where they differ from Node's.
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm32', ia32: 'x86' }
// On globalThis, because an app may load this module twice, as ESM and as CommonJS.
const INSTANCE_ID = Symbol.for('otlp-logs.service.instance.id')

const RESOURCE_ATTRIBUTES: Variable<Attributes> = { name: 'OTEL_RESOURCE_ATTRIBUTES', read: readAttributes }
const SERVICE_NAME: Variable<Attributes> = { name: 'OTEL_SERVICE_NAME', read: (text) => ({ 'service.name': text }) }

/** What the resource is made of. */
export interface ResourceSources {
  readonly option?: OtlpOptions['resource']
  readonly detectors: readonly Detector[]
  readonly environment: Environment
  /** Takes one line for each problem. */
  readonly warn: (warning: string) => void
  /** The path of the running executable; its name is the fallback of service.name. */
  readonly execPath?: string
}

/** The settled attributes of the resource. Never throws. */
export function resolveResource(sources: ResourceSources): Attributes {
  const { option, detectors, environment, warn, execPath = process.execPath } = sources
  const executable = basename(execPath)
  const has = (detector: Detector) => detectors.includes(detector)
  const attributes: Attributes = {
    'service.name': executable === '' ? 'unknown_service' : `unknown_service:${executable.replace(/\.exe$/i, '')}`,
    ...(has('serviceinstance') ? { 'service.instance.id': instanceId() } : {}),
    'telemetry.sdk.name': NAME,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': VERSION,
    ...(has('host') ? { 'host.name': hostname(), 'host.arch': ARCHITECTURES[arch()] ?? arch() } : {}),
    ...(has('process') ? processAttributes(executable) : {}),
    ...(has('env') ? environment.first([RESOURCE_ATTRIBUTES], 'nothing of it') : {}),
    ...(has('env') ? environment.first([SERVICE_NAME], undefined) : {}),
  }
  const given = isResource(option) ? fromResource(option, warn) : (option ?? {})
  for (const [key, value] of Object.entries(given)) {
    if (isPromise(value))
      warn(`Left out the resource attribute \`${key}\`: its value is a promise. Await it before it is given.`)
    // A resource without service.name is not legal, and `process.env.NAME` may be undefined by accident.
    else if (value !== undefined && value !== null) attributes[key] = value
    else if (key !== 'service.name') delete attributes[key]
  }
  return attributes
}

/** True for a Resource of @opentelemetry/resources, any major version. */
function isResource(value: unknown): value is ResourceLike {
  return isRecord(value) && isRecord(value['attributes']) && typeof value['merge'] === 'function'
}

function fromResource(resource: ResourceLike, warn: (warning: string) => void): Attributes {
  // telemetry.sdk.* says who made the signal; there it was the OpenTelemetry SDK, here it is this library.
  const { asyncAttributesPending, attributes } = resource
  if (asyncAttributesPending === true) {
    warn(
      'Left out what the given resource still detects. Call `await resource.waitForAsyncAttributes()` before it is given.',
    )
  }
  return Object.fromEntries(
    Object.entries(attributes).filter(
      ([key, value]) => !key.startsWith('telemetry.sdk.') && !(asyncAttributesPending === true && isPromise(value)),
    ),
  )
}

function processAttributes(executable: string): Attributes {
  return {
    'process.pid': process.pid,
    'process.executable.name': executable,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
  }
}

function instanceId(): string {
  const holder = globalThis as { [INSTANCE_ID]?: string }
  return (holder[INSTANCE_ID] ??= process.getBuiltinModule('node:crypto').randomUUID())
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
