// The ways from a line's text, or from a record, to the bytes of a request. Each route encodes batches of lines and makes
// a whole request of each, as the senders do.
// Our rooms are used by their files, as the packages export none of them.

import { resolveOptions } from 'otlp-logs-core'
import { Encoder } from '../../../core/src/encode.ts'
import type { Run } from '../../../core/src/slab.ts'
import { LineMapper } from '../../../pino-otlp/src/to-log-record.ts'
import { openSdk } from './sdk.ts'

/** Encodes one batch of lines and gives the bytes of the request, or what it made of them. */
type Route = (lines: readonly string[]) => number

/** Makes the route for these lines: what it is to start from is made here, and so costs nothing. */
type MakeRoute = (lines: readonly string[]) => Route

type Protocol = 'http/protobuf' | 'http/json'

const RESOURCE = { 'service.name': 'orders', 'host.name': 'orders-7d9f8b6c5-x2x4z', 'process.pid': 4242 }
const SCOPE = { name: 'pino-otlp', version: '1.0.0' }

const { settings } = resolveOptions({ resource: RESOURCE, detectors: [] }, { env: {} })

function encoderFor(protocol: Protocol): Encoder {
  return new Encoder({ ...settings, protocol, scope: SCOPE })
}

function requestBytes(encoder: Encoder, runs: readonly Run[]): number {
  return encoder.envelope.payload(runs).bytes
}

/** Records that lie side by side are one run to the queue, and so to the request. */
function join(runs: Run[], run: Run): void {
  const last = runs.at(-1)
  if (last !== undefined && last.slab === run.slab && last.end === run.start) {
    last.end = run.end
    last.count += run.count
  } else runs.push(run)
}

/** Record to bytes. */
function ours(protocol: Protocol): MakeRoute {
  return (lines) => {
    const mapper = new LineMapper(settings)
    const records = new Map(lines.map((line) => [line, mapper.toLogRecord(line, false)]))
    const encode = encoderFor(protocol)
    return (batch) => {
      const runs: Run[] = []
      for (const line of batch) join(runs, encode.encode(records.get(line)!))
      return requestBytes(encode, runs)
    }
  }
}

/** Text to bytes. */
function oursWhole(): MakeRoute {
  return () => {
    const mapper = new LineMapper(settings)
    const encode = encoderFor('http/protobuf')
    return (batch) => {
      const runs: Run[] = []
      for (const line of batch) join(runs, encode.encode(mapper.toLogRecord(line, false)))
      return requestBytes(encode, runs)
    }
  }
}

/** Record to bytes, by the SDK: emitted, gathered as its batch processor does, serialized. */
function sdk(protocol: Protocol): MakeRoute {
  return (lines) => {
    const { emit, serialize } = openSdk(protocol, RESOURCE)
    const records = new Map(lines.map((line) => [line, apiRecord(JSON.parse(line))]))
    return (batch) => {
      for (const line of batch) emit(records.get(line)!)
      return serialize()
    }
  }
}

/** Text to bytes, by the SDK. */
function sdkWhole(): MakeRoute {
  return () => {
    const { emit, serialize } = openSdk('http/protobuf', RESOURCE)
    return (batch) => {
      for (const line of batch) emit(apiRecord(JSON.parse(line)))
      return serialize()
    }
  }
}

/** The least that a bridge does: pino-opentelemetry-transport does this. */
function apiRecord({
  level,
  time,
  pid: _pid,
  hostname: _hostname,
  msg,
  ...attributes
}: Record<string, unknown>): object {
  return { timestamp: time, severityNumber: level === 30 ? 9 : 17, severityText: 'info', body: msg, attributes }
}

/** What every way from a text begins with. */
function parse(): MakeRoute {
  return () => (batch) => {
    let fields = 0
    for (const line of batch) fields += Object.keys(JSON.parse(line) as object).length
    return fields
  }
}

export const ROUTES: Readonly<Record<string, MakeRoute>> = {
  'JSON.parse': parse(),
  'ours, protobuf': ours('http/protobuf'),
  'ours, JSON': ours('http/json'),
  'ours, from text': oursWhole(),
  'SDK, protobuf': sdk('http/protobuf'),
  'SDK, JSON': sdk('http/json'),
  'SDK, from text': sdkWhole(),
}
