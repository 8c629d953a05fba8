// What one generated record is, before any library has seen it, and where a value of it stands.
// Both ways out start from the same Source: ours (our-route.ts), and that of the OpenTelemetry SDK (sdk-route.ts).

import type { AnyValue } from '@otlp-logs/test-support'
import type { LogRecord } from 'otlp-logs-core'

export type Protocol = 'http/protobuf' | 'http/json'
/** gRPC carries what http/protobuf does. */
export type Wire = Protocol | 'grpc'

export interface Limits {
  attributeCountLimit: number
  attributeValueLengthLimit: number
}

export interface Settings {
  protocol: Protocol
  limits: Limits
}

export interface Source {
  record: LogRecord
  /** Given to us under `err`, and to the SDK as `exception`. */
  error?: Error | undefined
}

/** Where a value stands. */
export interface At extends Settings {
  place: 'body' | 'attributes'
  /** Whether it is the value of a key of the record's attributes, or the body itself. */
  top: boolean
  /** Whether it is the value of a key. */
  inMap: boolean
  /** The arrays and maps around it, the innermost last. */
  ancestors: readonly object[]
}

/** What a value amounts to, in words that the SDK understands. */
export type Said =
  /** Nothing: not even its key. */
  | { gone: true }
  /** This, which has nothing inside. */
  | { leaf: unknown }
  /** Exactly this AnyValue, which the SDK cannot be made to send. */
  | { exactly: AnyValue }
  /** Whatever this amounts to. */
  | { instead: unknown }
  | { list: readonly unknown[] }
  /** Values are read one by one, as reading may throw. */
  | { map: readonly (readonly [string, () => unknown])[] }

/** Records in each comparison. */
export const RUNS: number = Number(process.env['ORACLE_RUNS'] ?? 3000)

export const SCOPE = { name: 'the-oracle', version: '1.2.3' }

/** Of those kinds only that the SDK allows in a resource: scalars, and arrays of one kind of scalar. */
export const RESOURCE: Record<string, string | number | boolean | readonly (string | number)[]> = {
  'service.name': 'orders',
  'process.pid': 4711,
  ratio: 0.5,
  enabled: true,
  'ünïcode 😀': 'grüße',
  tags: ['a', 'b'],
  ports: [4317, 4318],
  empty: [],
}

/** Keys like this come first in every JavaScript object, in their own order. */
export const INDEX: RegExp = /^(?:0|[1-9]\d*)$/

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** An object's own members. */
export function membersOf(value: object): [string, () => unknown][] {
  return Object.keys(value).map((key) => [key, () => (value as Record<string, unknown>)[key]])
}

export function withAttributes(source: Source, attributes: Record<string, unknown>): Source {
  return { ...source, record: { ...source.record, attributes } }
}
