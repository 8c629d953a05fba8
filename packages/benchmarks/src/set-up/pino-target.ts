import { once } from 'node:events'
import pino from 'pino'
import type { Given, Outlet } from './outlet.ts'

export default function setUp({ endpoint, options }: Given): Outlet {
  const transport = pino.transport({ target: 'pino-otlp', options: { endpoint, ...options } })
  const ready = once(transport, 'ready')
  return { pino: pino({}, transport), ready: () => ready }
}
