import { once } from 'node:events'
import pino from 'pino'
import type { LokiOptions } from 'pino-loki'
import type { Given, Outlet } from './outlet.ts'

export default function setUp({ endpoint }: Given): Outlet {
  // Each second, as all others do; its default is each five seconds.
  const options: LokiOptions = { host: endpoint, batching: { interval: 1 } }
  const transport = pino.transport({ target: 'pino-loki', options })
  const ready = once(transport, 'ready')
  return { pino: pino({}, transport), ready: () => ready }
}
