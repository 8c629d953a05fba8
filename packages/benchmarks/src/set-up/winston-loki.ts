import LokiTransport from 'winston-loki'
import type { Given, Outlet } from './outlet.ts'
import { winstonLogger } from './winston-logger.ts'

export default function setUp({ endpoint }: Given): Outlet {
  // JSON, as its README's examples have it. Each second, as all others do; its default is each five seconds.
  return { winston: winstonLogger(new LokiTransport({ host: endpoint, json: true, interval: 1 })) }
}
