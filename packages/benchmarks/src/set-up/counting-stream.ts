// The ceiling of everything in pino's worker: a stream that only counts lines.

import { once } from 'node:events'
import { join } from 'node:path'
import pino from 'pino'
import type { Outlet } from './outlet.ts'

export default function setUp(): Outlet {
  const cells = new Int32Array(new SharedArrayBuffer(4))
  const target = join(import.meta.dirname, 'counting-worker.ts')
  const transport = pino.transport({ target, options: { cells } })
  const ready = once(transport, 'ready')
  return { pino: pino({}, transport), ready: () => ready, counted: () => Atomics.load(cells, 0) }
}
