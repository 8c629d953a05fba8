// SIGTERM, in every mode: without anybody who listens, with a handler of the app that closes, and with `closeOnSignals`.

import { LOGGING_MODES, type LoggingMode, type Receiver, saidBy, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { LATE, runFaultApp, startFaultApp, STAY } from './fault-app.ts'
import { expectCriterion, type Verdict } from './verdict.ts'

const EVENTS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'uncaughtException', 'unhandledRejection']

/** How an app closes before it ends itself, in its own handler. */
const CLOSE: Record<LoggingMode, string> = {
  // pino's worker is closed by pino, at process.exit.
  'pino target': `process.once('SIGTERM', () => process.exit(0))`,
  otlpTransport: `process.once('SIGTERM', async () => { await transport.close(); process.exit(0) })`,
  otlpStream: `process.once('SIGTERM', async () => { await transport.close(); process.exit(0) })`,
  winston: `process.once('SIGTERM', () => logger.once('finish', () => process.exit(0)).end())`,
}

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(async () => {
  await receiver.close()
  expect(receiver.problems).toEqual([])
})

describe.each(LOGGING_MODES)('%s', (mode) => {
  test('F29: without a handler SIGTERM ends the app at once, and only what waits is lost', async () => {
    // Ten are a full batch, five wait.
    const { app, verdict } = startFaultApp({
      mode,
      receiver,
      source: `log(15); ${STAY}`,
      options: { ...LATE, maxExportBatchSize: 10 },
    })
    await receiver.waitForRecords(10)
    const killedAt = Date.now()
    app.kill('SIGTERM')
    const ended = await verdict
    tell('no handler', ended, Date.now() - killedAt)
    expectCriterion(ended, { signal: 'SIGTERM', killed: true })
    expect(ended).toMatchObject({ logged: 15, delivered: 10, ours: [] })
  })

  test('F29: listens to no signal and to no error of the process unless asked to', async () => {
    const source = `log(1); say('listeners', ${JSON.stringify(EVENTS)}.map((name) => process.listenerCount(name)))`
    const listeners = async (without: boolean): Promise<unknown> => {
      const { app, verdict } = startFaultApp({ mode, receiver, source, without })
      expectCriterion(await verdict, without ? { killed: true } : {})
      return saidBy(await app.done, 'listeners')
    }
    expect(await listeners(false)).toEqual(await listeners(true))
  })

  test('F29, B10: with a handler that closes, SIGTERM loses nothing', async () => {
    const ended = await terminate(`${CLOSE[mode]}; log(1000); say('ready'); ${STAY}`, LATE)
    expectCriterion(ended)
    expect(ended).toMatchObject({ logged: 1000, delivered: 1000 })
  })

  if (mode !== 'pino target') {
    test('F29, B10: with closeOnSignals SIGTERM loses nothing, and is still what ends the app', async () => {
      const ended = await terminate(`log(1000); say('ready'); ${STAY}`, { ...LATE, closeOnSignals: true })
      expectCriterion(ended, { signal: 'SIGTERM' })
      expect(ended).toMatchObject({ logged: 1000, delivered: 1000 })
    })
  }

  async function terminate(source: string, options: object): Promise<Verdict> {
    const { app, verdict } = startFaultApp({ mode, receiver, source, options })
    await app.stdoutLine('ready')
    const killedAt = Date.now()
    app.kill('SIGTERM')
    const ended = await verdict
    tell('closeOnSignals' in options ? 'closeOnSignals' : 'a handler', ended, Date.now() - killedAt)
    return ended
  }

  function tell(of: string, { logged, delivered }: Verdict, exitMillis: number): void {
    figure('F29', `${mode}, ${of}`, { exitMillis, lost: logged - delivered })
  }
})

test('F29: a plain target says that it cannot see signals when closeOnSignals asks for it', async () => {
  const options = { closeOnSignals: true }
  const verdict = await runFaultApp({ mode: 'pino target', receiver, source: 'log(1)', options })
  expectCriterion(verdict)
  expect(verdict.ours).toEqual([expect.stringContaining('`closeOnSignals` has no effect in a worker target')])
})
