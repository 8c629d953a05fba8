// The envelope around encoded records: ExportLogsServiceRequest{ ResourceLogs{ Resource, ScopeLogs{ Scope, records }... } }.
// The resource and the scopes are encoded once; for a batch only the lengths, or the brackets, in between are new.
// One ResourceLogs, and one ScopeLogs for each scope, in the order in which the scopes first occur. No schema_url: the
// names come from several versions of the semantic conventions.

import type { Payload } from './export.ts'
import { JSON_SEPARATOR } from './json.ts'
import { LOG_RECORD_TAG } from './protobuf.ts'
import { putVarint, varintSize } from './varint.ts'
import type { Scope } from './record.ts'
import type { Run } from './slab.ts'

export interface Envelope {
  /** How much it adds at most to the records of one scope. */
  readonly bytes: number
  /** A request's payload with the records of these runs. */
  payload(runs: readonly Run[]): Payload
  /** The offset behind the record that begins at `offset`. */
  next(slab: Buffer, offset: number): number
}

type Scopes = (scopeId: number) => Scope

/** @param resource the Resource's attributes as a KeyValueList, whose encoding is that of Resource */
export function createProtobufEnvelope(resource: Buffer, scopes: Scopes): Envelope {
  const resourceField = field(0x0a, resource)
  const encodedScopes: Buffer[] = []
  const scopeField = (scopeId: number): Buffer => {
    return (encodedScopes[scopeId] ??= field(0x0a, encodeScope(scopes(scopeId))))
  }
  return {
    // A length below 4 GiB takes 5 bytes at most.
    bytes: 6 + resourceField.length + 6 + scopeField(0).length,
    payload(runs) {
      const groups = groupByScope(runs)
      const chunks: Uint8Array[] = []
      let length = resourceField.length
      for (const group of groups) {
        const scope = scopeField(group.scopeId)
        chunks.push(Buffer.concat([header(0x12, scope.length + group.bytes), scope]))
        length += 1 + varintSize(scope.length + group.bytes) + scope.length + group.bytes
        for (const run of group.runs) chunks.push(run.slab.subarray(run.start, run.end))
      }
      chunks.unshift(Buffer.concat([header(0x0a, length), resourceField]))
      return toPayload(chunks, runs)
    },
    next(slab, offset) {
      if (slab[offset] !== LOG_RECORD_TAG) throw new Error(`No record begins at offset ${offset}`)
      let at = offset + 1
      let length = 0
      for (let shift = 0; ; shift += 7) {
        const byte = slab[at++]!
        length |= (byte & 0x7f) << shift
        if (byte < 0x80) break
      }
      return at + length
    },
  }
}

/** @param resource the JSON text of the Resource's attributes: an array */
export function createJsonEnvelope(resource: string, scopes: Scopes): Envelope {
  const open = `{"resourceLogs":[{"resource":{"attributes":${resource}},"scopeLogs":[`
  const encodedScopes: string[] = []
  const scopeText = (scopeId: number): string => (encodedScopes[scopeId] ??= jsonScope(scopes(scopeId)))
  return {
    bytes: Buffer.byteLength(`${open}{"scope":${scopeText(0)},"logRecords":[]}]}]}`),
    payload(runs) {
      const chunks: Uint8Array[] = []
      let text = open
      for (const group of groupByScope(runs)) {
        text += `{"scope":${scopeText(group.scopeId)},"logRecords":[`
        chunks.push(Buffer.from(text))
        for (const run of group.runs) chunks.push(run.slab.subarray(run.start, run.end))
        const last = chunks.pop()!
        chunks.push(last.subarray(0, last.length - JSON_SEPARATOR.length))
        text = ']},'
      }
      chunks.push(Buffer.from(']}]}]}'))
      return toPayload(chunks, runs)
    },
    next: (slab, offset) => slab.indexOf(0x0a, offset) + 1,
  }
}

interface ScopeGroup {
  scopeId: number
  runs: Run[]
  bytes: number
}

function groupByScope(runs: readonly Run[]): ScopeGroup[] {
  const groups: ScopeGroup[] = []
  for (const run of runs) {
    let group = groups.find(({ scopeId }) => scopeId === run.scopeId)
    if (group === undefined) groups.push((group = { scopeId: run.scopeId, runs: [], bytes: 0 }))
    group.runs.push(run)
    group.bytes += run.end - run.start
  }
  return groups
}

function toPayload(chunks: Uint8Array[], runs: readonly Run[]): Payload {
  let bytes = 0
  let count = 0
  for (const chunk of chunks) bytes += chunk.length
  for (const run of runs) count += run.count
  return { chunks, bytes, count }
}

/** Lone surrogates become U+FFFD, as in every text of a record. */
function jsonScope({ name, version }: Scope): string {
  return JSON.stringify({ name: name.toWellFormed(), version: version?.toWellFormed() })
}

function encodeScope({ name, version }: Scope): Buffer {
  const fields = [field(0x0a, Buffer.from(name))]
  if (version !== undefined) fields.push(field(0x12, Buffer.from(version)))
  return Buffer.concat(fields)
}

function field(tag: number, content: Buffer): Buffer {
  return Buffer.concat([header(tag, content.length), content])
}

function header(tag: number, length: number): Buffer {
  const bytes = Buffer.alloc(1 + varintSize(length), tag)
  putVarint(bytes, 1, length)
  return bytes
}
