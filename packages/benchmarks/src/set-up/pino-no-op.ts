// pino alone: the line is written, and thrown away.

import pino from 'pino'
import type { Outlet } from './outlet.ts'

export default function setUp(): Outlet {
  return { pino: pino({}, { write() {} }) }
}
