// An app in one of the four modes under more load than a test's own process should bear beside it: the receiver is a process,
// too. The verdict is that of ../process/verdict.ts, and it is asked for when the app has ended.

import { join } from 'node:path'
import { type App, loggingApp, type LoggingMode, type ReceiverProcess, startApp } from '@otlp-logs/test-support'
import { expectCriterion, type Verdict, toVerdict } from '../process/verdict.ts'

export interface LoadApp {
  mode: LoggingMode
  /** Where its lines go. */
  endpoint: string
  source: string
  /** Of the transport, beside the endpoint. */
  options?: object
  execArgv?: string[]
  timeoutMillis?: number
}

export function startLoadApp(app: LoadApp): App {
  const { mode, endpoint, source, options, execArgv = [], timeoutMillis = 60_000 } = app
  return startApp(loggingApp({ mode, options: { endpoint, closeTimeoutMillis: 9000, ...options }, source }), {
    resolveFrom: join(__dirname, '../..'),
    execArgv: ['--expose-gc', ...execArgv],
    keepInput: true,
    timeoutMillis,
  })
}

/** The verdict on an app that ends by itself, all of whose lines have arrived or are counted as `queue_full`, each once. */
export async function judge(app: App, receiver: ReceiverProcess): Promise<Verdict> {
  const result = await app.done
  const tally = await receiver.tally()
  const verdict = toVerdict(result, tally, Number.NaN, 0)
  const lost = verdict.logged - verdict.delivered
  expectCriterion(verdict, { lost: lost === 0 ? {} : { queue_full: lost } })
  // What was lost has been told to the backend, too, with the very number.
  expect(tally.announced).toBe(lost)
  return verdict
}
