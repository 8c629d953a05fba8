// A logger that logs about itself would never end: neither our requests nor our troubles make a record.

import { join } from 'node:path'
import { saidBy, startApp, startReceiver } from '@otlp-logs/test-support'
import type { Stats } from 'otlp-logs-core'
import { closing } from './bench.ts'

/** Has the instrumentation among its dependencies. */
const EXAMPLES = join(__dirname, '../../../examples')
const LINES = 10

test('B12: an app that logs every span of its HTTP instrumentation, and its stderr, logs nothing of ours while collectors fail', async () => {
  const unavailable = closing(await startReceiver({ answer: { status: 503 } }))
  const resetting = closing(await startReceiver({ answer: { reset: 'before-answer' } }))
  const elsewhere = closing(await startReceiver())
  const optionsFor = (endpoint: string): string =>
    JSON.stringify({ endpoint, scheduledDelayMillis: 10, diagnostics: 'verbose' })
  const source = `
    const { NodeSDK } = require('@opentelemetry/sdk-node')
    const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
    const spanProcessor = {
      onStart() {},
      onEnd: ({ name }) => log('span ' + name),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    }
    new NodeSDK({ spanProcessors: [spanProcessor], instrumentations: [new HttpInstrumentation()] }).start()

    const stream = require('pino-otlp').otlpStream(${optionsFor(unavailable.endpoint)})
    const pinoLogger = require('pino')({ base: null }, stream)
    const { OtlpTransport } = require('winston-otlp')
    const transport = new OtlpTransport(${optionsFor(resetting.endpoint)})
    const winstonLogger = require('winston').createLogger({ transports: [transport] })
    function log(text) {
      pinoLogger.info(text)
      winstonLogger.info(text)
    }
    process.stderr.write = (text) => log('stderr ' + text)

    for (let i = 0; i < ${LINES}; i++) log('line')
    require('node:http').get('${elsewhere.endpoint}/own', (response) => response.resume())
    process.stdin.once('data', async () => {
      process.stdin.destroy()
      for (const one of [stream, transport]) {
        await one.flush()
        console.log('stats ' + JSON.stringify(one.stats()))
        await one.close()
      }
    })`
  const app = startApp(source, {
    resolveFrom: EXAMPLES,
    extension: 'cjs',
    keepInput: true,
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' },
  })
  await unavailable.waitForRequests(3)
  await resetting.waitForRequests(3)
  for (const receiver of [unavailable, resetting]) receiver.setAnswer({})
  app.write('over\n')
  const result = await app.done
  expect(result.code).toBe(0)
  // It did say something, and its own request was traced: both could have been logged.
  expect(result.stderr).toMatch(/^pino-otlp: .*HTTP 503/m)
  expect(result.stderr).toMatch(/^winston-otlp: .*(ECONNRESET|socket hang up)/m)
  const expected = [...Array<string>(LINES).fill('line'), 'span GET']
  for (const [i, receiver] of [unavailable, resetting].entries()) {
    expect(receiver.records.map(({ body }) => body).toSorted()).toEqual(expected)
    const stats = saidBy<Stats>(result, 'stats')[i]!
    expect(stats).toMatchObject({ received: LINES + 1, sent: LINES + 1 })
    expect(stats.retries).toBeGreaterThanOrEqual(2)
  }
})
