import pino from 'pino'
import { otlpTransport } from 'pino-otlp'
import type { Given, Outlet } from './outlet.ts'
import { spanFor } from './span.ts'

export default function setUp(given: Given): Outlet {
  const transport = otlpTransport({ endpoint: given.endpoint, ...given.options })
  const flush = (): Promise<unknown> => transport.flush()
  return { pino: pino({}, transport), stats: () => transport.stats(), flush, ready: flush, ...spanFor(given) }
}
