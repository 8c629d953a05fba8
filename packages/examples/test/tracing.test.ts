import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AppOptions, type Receiver, startReceiver } from '@otlp-logs/test-support'
import { FOLDER, importOf, runServer } from './example.ts'

const TRACING = pathToFileURL(join(FOLDER, 'src/tracing/tracing.mjs')).href
/** Spans and metrics stay at home, as the receiver takes logs only. */
const QUIET = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

/** The example for Fastify, whose transport is in a worker, with tracing. */
async function runTraced(env: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  const options: AppOptions = { env: { ...QUIET, ...env }, execArgv: ['--import', TRACING] }
  const { code, stderr } = await runServer(
    importOf('fastify/app.mjs'),
    receiver,
    async (server) => {
      const traceparent = `00-${TRACE_ID}-b7ad6b7169203331-01`
      expect(await server.order('tea', 2, { traceparent })).toBe(201)
    },
    options,
  )
  return { code, stderr }
}

describe('the example for tracing', () => {
  it('gives each record of a request its trace, and each line one record', async () => {
    expect(await runTraced({})).toEqual({ code: 0, stderr: '' })
    expect(receiver.problems).toEqual([])
    expect(receiver.records.map(({ body, traceId }) => [body, traceId])).toEqual([
      [expect.stringMatching(/^Server listening/), ''],
      ['incoming request', TRACE_ID],
      ['order placed', TRACE_ID],
      ['request completed', TRACE_ID],
    ])
    const scopes = receiver.records.map(({ scope }) => scope.name)
    expect(new Set(scopes)).toEqual(new Set(['pino-otlp']))
  })

  it('sends no logs at all with OTEL_LOGS_EXPORTER=none', async () => {
    expect(await runTraced({ OTEL_LOGS_EXPORTER: 'none' })).toMatchObject({ code: 0 })
    expect(receiver.requests).toEqual([])
  })
})
