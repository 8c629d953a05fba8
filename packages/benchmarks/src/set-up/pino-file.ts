// pino with the transport that it brings: a worker that writes the lines to a file.

import { once } from 'node:events'
import { devNull } from 'node:os'
import pino from 'pino'
import type { Outlet } from './outlet.ts'

export default function setUp(): Outlet {
  const transport = pino.transport({ target: 'pino/file', options: { destination: devNull } })
  const ready = once(transport, 'ready')
  return { pino: pino({}, transport), ready: () => ready }
}
