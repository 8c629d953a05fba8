// `profile: 'loki'` as settings: defaults of other options, which still win where they are given, and the room that the
// resource leaves for a record's attributes, since Loki counts what is no label of it with each record.

import { flatten } from './attribute-shape.ts'
import * as loki from './loki.ts'
import type { LokiSettings, Settings } from './settings.ts'

/** Defaults that differ. The names of ranges, as Loki would take `INFO2` for a level of its own (distributor/field_detection.go). */
export const LOKI_DEFAULTS = { attributes: 'flat', severityText: 'range' } as const

/** A random id, as detectors make them: a UUID of version 4. */
const RANDOM_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

const INSTANCE_ID = 'service.instance.id'

/**
 * The settings with the profile in them.
 * @param hasCountLimit whether the user has set the limit on attributes
 */
export function withLoki(settings: Settings, hasCountLimit: boolean, warn: (warning: string) => void): Settings {
  const { moved, resource } = withoutRandomId(settings.resource)
  const labels = Object.keys(resource).filter((name) => loki.isLabel(name) && name !== 'service.name')
  if (labels.length > loki.MAX_LABELS)
    warn(`Loki takes ${loki.MAX_LABELS} labels at most, and the resource has ${labels.length}: ${labels.join(', ')}`)
  const entries = Object.entries(flatten(resource).attributes).filter(([name]) => !loki.isLabel(name))
  const bytes = entries.reduce((sum, [name, value]) => sum + loki.entryBytes(name, loki.lokiText(value)), 0)
  const room = loki.MAX_ENTRIES - loki.OWN_NAMES.length - entries.length
  const settled: LokiSettings = {
    moved,
    maxMetadataBytes: Math.max(0, loki.MAX_METADATA_BYTES - loki.OWN_BYTES - scopeBytes(settings) - bytes),
    takenNames: [...loki.OWN_NAMES, ...[...Object.keys(resource), ...entries.map(([name]) => name)].map(loki.lokiName)],
  }
  const attributeCountLimit = hasCountLimit ? settings.attributeCountLimit : Math.max(0, room)
  return { ...settings, resource: cutLabels(resource), attributeCountLimit, loki: settled }
}

/** A stream for each process is what Loki's documentation warns of. */
function withoutRandomId(resource: Settings['resource']): Pick<LokiSettings, 'moved'> & Pick<Settings, 'resource'> {
  const { [INSTANCE_ID]: id, ...others } = resource
  if (typeof id !== 'string' || !RANDOM_ID.test(id)) return { moved: {}, resource }
  return { moved: { [INSTANCE_ID]: id }, resource: others }
}

/** Of a label Loki refuses what is too long, and the whole stream with it. */
function cutLabels(resource: Settings['resource']): Settings['resource'] {
  const cut = (name: string, value: unknown): unknown =>
    loki.isLabel(name) && typeof value === 'string' ? loki.cutToBytes(value, loki.MAX_LABEL_BYTES) : value
  return Object.fromEntries(Object.entries(resource).map(([name, value]) => [name, cut(name, value)]))
}

/** The transport's package, where no scope is given; those that loggers name are counted with each record. */
function scopeBytes({ scope }: Settings): number {
  return typeof scope === 'object' ? Buffer.byteLength(scope.name + (scope.version ?? '')) : 256
}
