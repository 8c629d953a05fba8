// Runs one contender through one scenario, in a process of its own and against a collector of its own, and says what
// became of the lines. Nothing is judged here.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type Answer,
  loggedBy,
  loggingApp,
  saidBy,
  startApp,
  startReceiverProcess,
  type TallyCount,
} from '@otlp-logs/test-support'
import type { Contender } from './contenders.ts'
import { LokiReceiver } from './loki-receiver.ts'
import type { Scenario, Stage } from './scenarios.ts'
import type { Given } from './set-up/given.ts'

/** What became of one contender's lines. */
export interface Outcome {
  scenario: string
  contender: string
  logged: number
  lost: number
  doubled: number
  /** Lines of stderr, and the one that says most, without the collector's address. */
  stderrLines: number
  stderr: string
  /** An exit code, or the signal that ended the process. */
  end: number | string
  /** From `process.exit` or the signal to the end of the process; absent where it ended before. */
  exitMillis?: number
  /** From the last line's logging to the arrival of all; absent where lines were lost. */
  settledMillis?: number
}

interface Collector {
  readonly endpoint: string
  setAnswer(answer: Answer): void
  waitForDelivered(count: number, timeoutMillis: number): Promise<void>
  tally(): Promise<TallyCount & { lastAt: number }>
  close(): Promise<void>
}

const PACKAGE_FOLDER = join(import.meta.dirname, '../..')
const TIMEOUT_MILLIS = 180_000
const QUOTE_CHARS = 110

export async function measure(contender: Contender, scenario: Scenario): Promise<Outcome> {
  const { answer } = scenario
  const collector: Collector =
    contender.speaks === 'loki' ? await LokiReceiver.start(answer) : await startReceiverProcess({ answer })
  try {
    return await run(contender, scenario, collector)
  } finally {
    await collector.close()
  }
}

async function run(contender: Contender, scenario: Scenario, collector: Collector): Promise<Outcome> {
  const app = startApp(appOf(contender, scenario, collector.endpoint), {
    resolveFrom: PACKAGE_FOLDER,
    // Node 22 warns of the types in the set-ups.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    keepInput: true,
    timeoutMillis: TIMEOUT_MILLIS,
  })
  let terminatedAt: number | undefined
  const stage: Stage = {
    app,
    setAnswer: (answer) => collector.setAnswer(answer),
    waitForDelivered: (count, timeoutMillis) => collector.waitForDelivered(count, timeoutMillis),
    terminate: () => {
      terminatedAt = Date.now()
      app.kill('SIGTERM')
    },
  }
  // An app that ends before its time has ended; what it leaves is measured as of all others.
  void scenario.drive?.(stage).catch(() => {})
  const result = await app.done
  const endedAt = Date.now()
  const exitingAt = saidBy<number>(result, 'exiting').at(0) ?? terminatedAt
  const doneAt = saidBy<number>(result, 'done').at(0)
  const tally = await collector.tally()
  const logged = loggedBy(result) || scenario.lines
  const lost = logged - tally.delivered
  const said = result.stderr.split('\n').filter((line) => line.trim() !== '')
  return {
    scenario: scenario.name,
    contender: contender.name,
    logged,
    lost,
    doubled: tally.duplicates,
    stderrLines: said.length,
    stderr: quote(said.find((line) => /^\w*Error: |-otlp: /.test(line)) ?? said[0] ?? '', collector.endpoint),
    end: result.code ?? result.signal ?? 'unknown',
    ...(exitingAt !== undefined && { exitMillis: endedAt - exitingAt }),
    ...(scenario.settles && doneAt && lost === 0 && { settledMillis: Math.max(0, tally.lastAt - doneAt) }),
  }
}

function appOf({ logger, setUp }: Contender, { source, isoTime, prepared }: Scenario, endpoint: string): string {
  const module = pathToFileURL(join(import.meta.dirname, 'set-up', `${setUp}.ts`)).href
  const given: Given = { endpoint, isoTime: isoTime ?? false, prepared: prepared ?? false }
  return loggingApp({
    mode: logger === 'winston' ? 'winston' : 'pino target',
    options: {},
    source,
    setUp: `
      import __setUp from ${JSON.stringify(module)}
      const logger = __setUp(${JSON.stringify(given)})
      const transport = undefined`,
  })
}

function quote(line: string, endpoint: string): string {
  const root = join(PACKAGE_FOLDER, '../..')
  const text = line.replaceAll(endpoint, 'http://collector').replaceAll(root, '').trim()
  return text.length > QUOTE_CHARS ? `${text.slice(0, QUOTE_CHARS)}...` : text
}
