// An app in one of the four modes, run against a receiver of this process, and the verdict on it when it has ended.
// `without` runs the same source with the same logger, but without us: what its end is then, it must be with us, too.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type App,
  loggingApp,
  type LoggingMode,
  makeTempFolder,
  type Receiver,
  startApp,
  Tally,
} from '@otlp-logs/test-support'
import { toVerdict, type Verdict } from './verdict.ts'

/** packages/faults, from which the apps' imports resolve. */
const PACKAGE_FOLDER = join(__dirname, '../..')
const WORKER_FAULT = join(__dirname, 'worker-fault.cjs')
const HOUR = 3_600_000

/** For lines that are due in an hour: what arrives of them is owed to the end, or to a full batch. */
export const LATE: { scheduledDelayMillis: number } = { scheduledDelayMillis: HOUR }

/** Ends the app's own account: from here on, its end is timed. */
export const END: string = `say('end', Date.now())`

/** Keeps the app alive until something ends it, be it the end of its test. */
export const STAY: string = `process.stdin.once('end', () => process.exit()).resume()`

const running = new Set<App>()

// What a test that failed has left running would disturb the next.
afterEach(() => {
  for (const app of running) app.kill('SIGKILL')
})

interface FaultApp {
  mode: LoggingMode
  /** Where its lines go; none for an app without us. */
  receiver?: Receiver
  /** Has counted its lines when it ends. @default one of all that the receiver has kept */
  tally?: Tally
  source: string
  /** Of the transport, beside the endpoint. */
  options?: object
  /** Runs without us. */
  without?: boolean
  /** Makes the logger, in place of the mode. */
  setUp?: string
  /** Gives the worker an ear for `askWorker`, and its heap a bound. */
  faultyWorker?: boolean
  execArgv?: string[]
  timeoutMillis?: number
}

/** What makes the worker of an app with `faultyWorker` do as worker-fault.cjs says. */
export function askWorker(fault: string): string {
  return `{
    const { BroadcastChannel } = await import('node:worker_threads')
    const channel = new BroadcastChannel('worker-fault')
    channel.unref()
    channel.postMessage(${JSON.stringify(fault)})
  }`
}

export function startFaultApp(fault: FaultApp): { app: App; verdict: Promise<Verdict> } {
  const {
    mode,
    receiver,
    source,
    options,
    without,
    faultyWorker = false,
    execArgv = [],
    timeoutMillis = 30_000,
  } = fault
  const setUp = without ? setUpWithout(mode) : fault.setUp
  const folder = makeTempFolder()
  const loggedFile = join(folder.path, 'logged')
  const app = startApp(
    loggingApp({
      mode,
      options: { endpoint: receiver?.endpoint, ...options },
      source,
      ...(setUp !== undefined && { setUp }),
    }),
    {
      resolveFrom: PACKAGE_FOLDER,
      env: { LOGGED_FILE: loggedFile, ...(faultyWorker && { NODE_OPTIONS: `--require="${WORKER_FAULT}"` }) },
      execArgv,
      keepInput: true,
      timeoutMillis,
    },
  )
  const startedAt = Date.now()
  running.add(app)
  const verdict = app.done
    .then((result) => {
      const { tally = tallyOf(receiver) } = fault
      const logged = existsSync(loggedFile) ? Number(readFileSync(loggedFile, 'utf8')) : 0
      return toVerdict(result, tally.count, startedAt + result.millis, logged)
    })
    .finally(() => {
      running.delete(app)
      folder.remove()
    })
  // A test that fails before it awaits the verdict has its own failure to show.
  verdict.catch(() => {})
  return { app, verdict }
}

/** Gives the app its last cue: with an open stdin it would not end by itself. */
export function lastCue(app: App, name: string): void {
  app.write(`${name}\n`)
  app.endInput()
}

/** Runs an app to its end. */
export function runFaultApp(fault: FaultApp): Promise<Verdict> {
  const { app, verdict } = startFaultApp(fault)
  app.endInput()
  return verdict
}

function tallyOf(receiver: Receiver | undefined): Tally {
  const tally = new Tally()
  tally.add(receiver?.records ?? [])
  return tally
}

function setUpWithout(mode: LoggingMode): string {
  if (mode !== 'winston') {
    return `import pino from 'pino'
      const logger = pino({ base: null }, { write() {} })`
  }
  return `import { Writable } from 'node:stream'
    import winston from 'winston'
    const stream = new Writable({ write: (_line, _encoding, done) => done() })
    const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream })] })`
}
