// What each test of the journal has: a directory for it, a receiver that sorts what comes by the process that logged it,
// and processes that share both. `useBench()` opens one for each test and ends it, whatever the test has left behind.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type LoggingMode,
  makeTempFolder,
  type Receiver,
  type ReceiverOptions,
  type Script,
  startReceiver,
} from '@otlp-logs/test-support'
import { Arrivals } from '../../src/kill/arrivals.ts'
import { drainSource } from '../../src/kill/drain.ts'
import { Life, type LifeOptions } from '../../src/kill/life.ts'

export const IN_PROCESS: readonly LoggingMode[] = ['otlpStream', 'winston']
export const DOWN: Script = [{ status: 503 }]

const DRAIN_MILLIS = 25_000
/** At once, and in batches no larger than the first after a start: after larger ones there would be pauses. */
const HASTE = { scheduledDelayMillis: 1, maxExportBatchSize: 64 }

/** Logs, and says when it is written. */
export function logAndStay(lines: number, bytes = 60): string {
  return `log(${lines}, ${bytes}); say('written'); ${STAY}`
}

/** Keeps an app alive that only a signal ends. */
export const STAY = 'setInterval(() => {}, 1000)'

type StartOptions = Partial<LifeOptions> & { source: string }

export class JournalBench {
  readonly #temp = makeTempFolder()
  readonly #lives: Life[] = []
  readonly #closers: (() => void)[] = []
  /** Of the journal; not made yet. */
  directory: string = join(this.#temp.path, 'journal')
  readonly arrivals: Arrivals = new Arrivals()
  receiver!: Receiver
  /** Called with what was accepted, beside `arrivals`. */
  onAccepted: NonNullable<ReceiverOptions['onAccepted']> = () => {}

  /** @param port 0 for one that the system assigns */
  async open(port = 0): Promise<void> {
    this.receiver = await startReceiver({
      keep: false,
      port,
      onAccepted: (records, request) => {
        this.arrivals.add(records, request)
        this.onAccepted(records, request)
      },
    })
  }

  /** Starts the receiver again that the test has closed, at the same port. */
  reopen(): Promise<void> {
    return this.open(this.receiver.port)
  }

  /** A folder of its own, beside the journal. */
  get folder(): string {
    return this.#temp.path
  }

  start(mode: LoggingMode, options: StartOptions): Life {
    const life = new Life({
      mode,
      endpoint: this.receiver.endpoint,
      directory: this.directory,
      folder: this.#temp.path,
      timeoutMillis: 60_000,
      ...options,
    })
    this.#lives.push(life)
    return life
  }

  /** A process that logged so many lines, which nobody took, and was killed. */
  async dead(mode: LoggingMode, lines: number, options: Partial<LifeOptions> & { bytes?: number } = {}): Promise<Life> {
    const { bytes, ...more } = options
    const life = this.start(mode, { source: written(mode, lines, bytes), ...more })
    await life.app.stdoutLine('written')
    await life.kill()
    return life
  }

  /** Delivers by another process all that is left, and waits for its end. Nobody else may be alive. */
  async drain(options: Partial<LifeOptions> = {}): Promise<Life> {
    const source = drainSource(this.directory, {}, [])
    const life = this.start('otlpStream', { source, timeoutMillis: DRAIN_MILLIS, options: HASTE, ...options })
    const { code, stderr } = await life.app.done
    if (code !== 0) throw new Error(`The process that should deliver the rest ended with ${code}: ${stderr}`)
    return life
  }

  /** Waits until so many lines of a process have come. */
  waitFor({ name }: Life, count: number, timeoutMillis = 20_000): Promise<void> {
    const holds = (): boolean => this.arrivals.of(name).delivered >= count
    return this.receiver.waitFor(holds, timeoutMillis, `${count} lines of ${name}`)
  }

  /** The folder that stands for endpoint and tenant. */
  get keyFolder(): string {
    const [key] = readdirSync(join(this.directory, 'v1'))
    return join(this.directory, 'v1', key!)
  }

  /** All paths below the journal's directory, relative to it. */
  get files(): string[] {
    return existsSync(this.directory)
      ? readdirSync(this.directory, { recursive: true, encoding: 'utf8' }).toSorted()
      : []
  }

  /** Called when the test ends, before the folder is removed. */
  atEnd(close: () => void): void {
    this.#closers.push(close)
  }

  async close(): Promise<void> {
    for (const { app } of this.#lives) {
      app.kill('SIGCONT')
      app.kill('SIGKILL')
    }
    await Promise.all(this.#lives.map(({ app }) => app.done.catch(() => {})))
    await this.receiver.close()
    for (const close of this.#closers.toReversed()) close()
    this.#temp.remove()
  }
}

/** Behind a worker, a line is written a little later than it is logged. */
function written(mode: LoggingMode, lines: number, bytes?: number): string {
  if (mode === 'otlpStream' || mode === 'winston') return logAndStay(lines, bytes)
  if (mode === 'otlpTransport') return `log(${lines}, ${bytes}); await transport.flush(); say('written'); ${STAY}`
  throw new Error('Of a plain target nobody knows when it has written')
}

/** A bench for each test of the file. */
export function useBench(): { readonly bench: JournalBench } {
  const holder = { bench: undefined as unknown as JournalBench }
  beforeEach(async () => {
    holder.bench = new JournalBench()
    await holder.bench.open()
  })
  afterEach(async () => {
    await holder.bench.close()
    expect(holder.bench.arrivals.problems).toEqual([])
  })
  return holder
}
