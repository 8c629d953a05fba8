// What a receiver has got: one record for each that was sent, in their order, under the one resource and their scopes.

import {
  type LogRecordMessage,
  type LogsMessage,
  type ReceivedRecord,
  startGrpcReceiver,
  startReceiver,
} from '@otlp-logs/test-support'
import { RESOURCE, SCOPE, type Source, type Wire } from './source.ts'

/** A receiver of either kind, as far as the oracle looks. */
export interface OracleReceiver {
  readonly endpoint: string
  readonly requests: { message: LogsMessage | undefined }[]
  readonly records: ReceivedRecord[]
  readonly allRecords: ReceivedRecord[]
  readonly problems: string[]
  close(): Promise<void>
}

export async function startReceiverOf(wire: Wire): Promise<OracleReceiver> {
  if (wire !== 'grpc') return startReceiver()
  const receiver = await startGrpcReceiver({ maxMessageBytes: 64 * 1024 * 1024 })
  const { endpoint, calls: requests, records, allRecords } = receiver
  return {
    endpoint,
    requests,
    records,
    allRecords,
    get problems() {
      return receiver.problems
    },
    close: () => receiver.close(),
  }
}

/** Takes the records out of the receiver, so that a long run needs no more memory than a short one. */
export function takeRecords(receiver: OracleReceiver, sources: readonly Source[]): LogRecordMessage[] {
  // A request groups its records by scope; in a scope they keep their order.
  const byScope = new Map<string, LogRecordMessage[]>()
  for (const { message } of receiver.requests) {
    for (const { scopeLogs, ...resourceLogs } of message?.resourceLogs ?? []) {
      expect(resourceLogs).toEqual(RESOURCE_LOGS)
      for (const { logRecords, ...rest } of scopeLogs) {
        const name = rest.scope?.name ?? ''
        expect(rest).toEqual(name === SCOPE.name ? scopeLogsOf(SCOPE) : scopeLogsOf({ name, version: '' }))
        byScope.set(name, [...(byScope.get(name) ?? []), ...logRecords.filter(isOfOurs)])
      }
    }
  }
  for (const list of [receiver.requests, receiver.records, receiver.allRecords]) list.length = 0
  const records = sources.map(({ record }) => byScope.get(record.scopeName ?? SCOPE.name)?.shift())
  expect([...byScope.values()].flat()).toEqual([])
  return records.filter((record) => record !== undefined)
}

/** After a batch that was refused, our pipeline sends a record that says so. */
function isOfOurs({ eventName }: LogRecordMessage): boolean {
  return eventName !== 'otlp_logs.dropped'
}

function scopeLogsOf(scope: { name: string; version: string }): object {
  return { scope: { ...scope, attributes: [], droppedAttributesCount: 0 }, schemaUrl: '' }
}

const RESOURCE_LOGS = {
  resource: {
    attributes: Object.entries(RESOURCE).map(([key, value]) => ({ key, value: anyValueOf(value) })),
    droppedAttributesCount: 0,
    entityRefs: [],
  },
  schemaUrl: '',
}

function anyValueOf(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValueOf) } }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}
