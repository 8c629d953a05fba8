// winston alone: the entry is formatted, and thrown away.

import TransportStream from 'winston-transport'
import type { Outlet } from './outlet.ts'
import { winstonLogger } from './winston-logger.ts'

class NoOp extends TransportStream {
  override log(_info: unknown, callback: () => void): void {
    callback()
  }
}

export default function setUp(): Outlet {
  return { winston: winstonLogger(new NoOp()) }
}
