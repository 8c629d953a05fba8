// The first way out: records through a pipeline of otlp-logs-core to a receiver, and what the official schema reads there.
// An error takes the way of a logger's own: under the key `err`.

import type { LogRecordMessage } from '@otlp-logs/test-support'
import { createPipeline, type LogRecord, type Pipeline, RecordFields, resolveOptions } from 'otlp-logs-core'
import { type OracleReceiver, startReceiverOf, takeRecords } from './received.ts'
import { RESOURCE, SCOPE, type Settings, type Source, type Wire } from './source.ts'

export interface OurRoute {
  /** Sends records and gives what arrived, in their order. */
  send(sources: readonly Source[], meanwhile?: () => void): Promise<LogRecordMessage[]>
  close(): Promise<void>
}

export async function openOurRoute({ protocol, limits }: Settings, wire: Wire = protocol): Promise<OurRoute> {
  const receiver = await startReceiverOf(wire)
  const options = { endpoint: receiver.endpoint, protocol: wire, limits, maxRecordBytes: 2 ** 23, diagnostics: 'none' }
  const { settings, warnings } = resolveOptions(options, { env: {} })
  expect(warnings).toEqual([])
  // The resource is compared as a whole, so that neither side adds what it detects.
  const pipeline = createPipeline({ ...settings, resource: RESOURCE }, [], { package: SCOPE, inProcess: false })
  const fields = new RecordFields(settings)
  return {
    send: (sources, meanwhile) => send({ sources, meanwhile, pipeline, fields, receiver }),
    async close() {
      await pipeline.shutdown()
      await receiver.close()
    },
  }
}

interface Sending {
  sources: readonly Source[]
  /** Done when the records are given, and before they go. */
  meanwhile?: (() => void) | undefined
  pipeline: Pipeline
  fields: RecordFields
  receiver: OracleReceiver
}

async function send({ sources, meanwhile, pipeline, fields, receiver }: Sending): Promise<LogRecordMessage[]> {
  const before = pipeline.stats().dropped
  for (const source of sources) pipeline.emit(recordOf(source, fields))
  meanwhile?.()
  await pipeline.forceFlush()
  const { problems } = receiver
  const records = takeRecords(receiver, sources)
  expect(problems).toEqual([])
  expect(pipeline.stats().dropped).toEqual(before)
  return records
}

function recordOf({ record, error }: Source, fields: RecordFields): LogRecord {
  const made = { ...record, attributes: { ...record.attributes } }
  if (error === undefined) return made
  fields.begin(made)
  fields.error('err', error, true)
  fields.end()
  return made
}
