import { once } from 'node:events'
import pino from 'pino'
import type { Options } from 'pino-opentelemetry-transport'
import type { Given, Outlet } from './outlet.ts'

export default function setUp({ endpoint, processor }: Given): Outlet {
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint
  const options: Partial<Options> = {
    ...(processor && { logRecordProcessorOptions: { recordProcessorType: 'batch', processorConfig: processor } }),
  }
  const transport = pino.transport({ target: 'pino-opentelemetry-transport', options })
  const ready = once(transport, 'ready')
  return { pino: pino({}, transport), ready: () => ready }
}
