// Event loops that are blocked: the app's while a worker sends for it, and the one that waits for an answer.

import { LOGGING_MODES, type Receiver, saidBy, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { askWorker, lastCue, LATE, startFaultApp } from './fault-app.ts'
import { expectCriterion } from './verdict.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(async () => {
  await receiver.close()
  expect(receiver.problems).toEqual([])
})

test.each(['pino target', 'otlpTransport'] as const)(
  "F32: while the app's event loop is blocked, the worker of %s goes on sending",
  async (mode) => {
    // Ten requests, which take two seconds.
    receiver.setAnswer({ delayMillis: 200 })
    const { app, verdict } = startFaultApp({
      mode,
      receiver,
      options: { maxExportBatchSize: 10 },
      source: `
        log(100)
        await cue('block')
        say('blocked', Date.now())
        const until = performance.now() + 3000
        while (performance.now() < until);
        say('free', Date.now())`,
    })
    await receiver.waitForRequests(1)
    lastCue(app, 'block')
    const ended = await verdict
    const result = await app.done
    const [blocked] = saidBy<number>(result, 'blocked')
    const [free] = saidBy<number>(result, 'free')
    const times = receiver.requests.map(({ at }) => performance.timeOrigin + at)
    const during = times.filter((at) => at > blocked! && at < free!).length
    figure('F32', `${mode}, the app is blocked for 3 s`, { requestsDuring: during, requests: times.length })
    expectCriterion(ended)
    expect(ended.delivered).toBe(100)
    expect(during).toBeGreaterThanOrEqual(5)
  },
)

test.each(LOGGING_MODES)(
  'F32: %s counts no request as timed out whose answer was there in time, and sends nothing twice',
  async (mode) => {
    const inWorker = mode === 'pino target' || mode === 'otlpTransport'
    // The answer is on its way when the loop is blocked, and comes long before the time of the request is over.
    const blocked = Promise.withResolvers<unknown>()
    receiver.setAnswer(async () => {
      app.write('block\n')
      await blocked.promise
      return {}
    })
    const { app, verdict } = startFaultApp({
      mode,
      receiver,
      faultyWorker: inWorker,
      options: { ...LATE, maxExportBatchSize: 10, timeoutMillis: 1000 },
      source: `
        log(10)
        await cue('block')
        ${inWorker ? askWorker('is blocked') : BLOCK}
        process.stdin.once('end', sayStats).resume()`,
    })
    blocked.resolve(app.stdoutLine('blocked'))
    await receiver.waitForRecords(10)
    await app.stdoutLine('free')
    app.endInput()
    const ended = await verdict
    figure('F32', `${mode}, blocked beyond timeoutMillis`, { requests: receiver.requests.length })
    expectCriterion(ended)
    expect({ requests: receiver.requests.length, delivered: ended.delivered }).toEqual({ requests: 1, delivered: 10 })
  },
)

const BLOCK = `
  say('blocked')
  const until = performance.now() + 2000
  while (performance.now() < until);
  say('free')`
