import pino from 'pino'
import { otlpStream } from 'pino-otlp'
import type { Given, Outlet } from './outlet.ts'
import { spanFor } from './span.ts'

export default function setUp(given: Given): Outlet {
  const stream = otlpStream({ endpoint: given.endpoint, ...given.options })
  return { pino: pino({}, stream), stats: () => stream.stats(), flush: () => stream.flush(), ...spanFor(given) }
}
