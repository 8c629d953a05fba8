import { OtlpTransport } from 'winston-otlp'
import type { Given, Outlet } from './outlet.ts'
import { spanFor } from './span.ts'
import { winstonLogger } from './winston-logger.ts'

export default function setUp(given: Given): Outlet {
  const transport = new OtlpTransport({ endpoint: given.endpoint, ...given.options })
  const logger = winstonLogger(transport)
  return { winston: logger, stats: () => transport.stats(), flush: () => transport.flush(), ...spanFor(given) }
}
