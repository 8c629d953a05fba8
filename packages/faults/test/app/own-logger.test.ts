// The transport belongs to the app's only logger, and fails: none of its failures, and none of its requests, becomes a line
// that it would have to deliver. The app is instrumented as OpenTelemetry does it: each outgoing request is told, here to
// that very logger, unless tracing is suppressed in its context.

import { join } from 'node:path'
import {
  LOGGING_MODES,
  loggingApp,
  type LoggingMode,
  type Receiver,
  saidBy,
  startApp,
  startReceiver,
  Tally,
} from '@otlp-logs/test-support'

const IN_PROCESS: readonly LoggingMode[] = ['otlpStream', 'winston']

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(() => receiver.close())

test.each(LOGGING_MODES)(
  'F40, B12: requests of %s that fail, while it is the logger that is told of every request, make no line and no loop',
  async (mode) => {
    // The first batch is tried twice and then refused; a loss is told about with the next.
    receiver.setAnswer([{ status: 503 }, { status: 400, body: 'no' }, {}])
    const source = `
      seen.tell = () => log(1)
      log(3)
      // A request of the app's own is a line: the fourth.
      await new Promise((resolve) => http.request('${receiver.endpoint}/own').on('response', (own) => resolve(own.resume())).end())
      await cue('more')
      log(2)
      await cue('end')
      say('seen', seen)`
    const app = startApp(loggingApp({ mode, options: {}, source, setUp: setUpOf(mode, receiver.endpoint) }), {
      resolveFrom: join(__dirname, '../..'),
      keepInput: true,
    })
    await receiver.waitForRequests(3)
    app.write('more\n')
    await receiver.waitForRecords(3)
    app.write('end\n')
    const { code, stdout, stderr } = await app.done

    const tally = new Tally()
    tally.add(receiver.records)
    expect(code).toBe(0)
    expect(saidBy({ stdout }, 'logged')).toEqual([6])
    expect(tally.count).toMatchObject({ delivered: 2, duplicates: 0, mismatches: 0, announced: 4, announcements: 1 })
    // Nothing but lines of the app and that one notice was ever sent.
    expect(receiver.allRecords.filter(({ body, eventName }) => body !== 'line' && eventName === '')).toEqual([])
    const paths = receiver.requests.map(({ path }) => path)
    expect(paths.filter((path) => path !== '/v1/logs')).toEqual(['/own'])
    // The requests of a worker are made where the app's instrumentation is not.
    const suppressed = IN_PROCESS.includes(mode) ? paths.length - 1 : 0
    expect(saidBy({ stdout }, 'seen')).toEqual([{ suppressed, told: 1 }])
    expect(stderr.match(/-otlp: /g)).toHaveLength(2)
  },
)

/** An API with a context manager, and `http.request` that tells of each request, before the transport is loaded. */
const INSTRUMENT = `
  import { AsyncLocalStorage } from 'node:async_hooks'
  import http from 'node:http'
  import { syncBuiltinESMExports } from 'node:module'
  import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
  const storage = new AsyncLocalStorage()
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, run, self, ...rest) => storage.run(active, () => run.apply(self, rest)),
    bind: (_active, target) => target,
    enable() { return this },
    disable() { return this },
  })
  const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
  const { request } = http
  const seen = { suppressed: 0, told: 0, tell() {} }
  http.request = (...args) => {
    if (context.active().getValue(SUPPRESSED) === true) seen.suppressed++
    else {
      seen.told++
      seen.tell()
    }
    return request(...args)
  }
  syncBuiltinESMExports()`

function setUpOf(mode: LoggingMode, endpoint: string): string {
  const options = JSON.stringify({ endpoint, scheduledDelayMillis: 200 })
  if (mode === 'winston')
    return `${INSTRUMENT}
      const { default: winston } = await import('winston')
      const { OtlpTransport } = await import('winston-otlp')
      const logger = winston.createLogger({ transports: [new OtlpTransport(${options})] })
      const transport = undefined`
  const target = `pino.transport({ target: 'pino-otlp', options: ${options} })`
  return `${INSTRUMENT}
      const { default: pino } = await import('pino')
      const { otlpTransport, otlpStream } = await import('pino-otlp')
      const logger = pino({ base: null }, ${mode === 'pino target' ? target : `${mode}(${options})`})
      const transport = undefined`
}
