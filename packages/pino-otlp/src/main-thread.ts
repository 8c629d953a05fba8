// `otlpTransport`: pino's worker, with what a plain target cannot have, because it only sees lines:
// - the active span is read on the app's thread, when a line is logged, and travels with the worker's copy of the line;
// - flush() can be awaited, and stats() read: the worker's counters lie in shared memory and outlive it;
// - a worker that dies is counted (`worker_died`) and replaced. With a plain target pino would end the app.

import { EventEmitter } from 'node:events'
import { MessageChannel, type Worker } from 'node:worker_threads'
import {
  Announcer,
  closeOnSignals,
  Counters,
  Diagnostics,
  type FlushResult,
  type OtlpOptions,
  records,
  type Settings,
  type Stats,
  watchExit,
} from 'otlp-logs-core'
import pino from 'pino'
import { ALSO_SENT, isAlsoSent } from './duplicates.ts'
import { PACKAGE } from './host.ts'
import { countLines, isWhole } from './lines.ts'
import { splice, toConfigLine } from './splice.ts'
import type { PinoConfig } from './to-log-record.ts'
import { NOTHING_WAITS, WorkerRequests } from './worker-requests.ts'
import { LINK_KEY, type Request } from './worker.ts'
import { ownFile } from './own-file.ts'
import { sendableOptions } from './sendable.ts'

/** At least this long between two workers: one that dies at once must not be started in a tight loop. */
const RESTART_MILLIS = 1000

type ThreadStream = ReturnType<typeof pino.transport> & { worker: Worker; writable: boolean }

/**
 * Makes a destination for pino that ships lines from a worker thread:
 * `pino({}, pino.multistream([{ stream: process.stdout }, { level: 'trace', stream: otlpTransport({ endpoint }) }]))`.
 * @throws TypeError that names option, value and what is expected, when an option is wrong or cannot reach a worker
 */
export function otlpTransport(options: OtlpOptions = {}): OtlpTransport {
  const { options: sendable, settings } = sendableOptions(options)
  return new OtlpTransport(sendable, settings)
}

export class OtlpTransport extends EventEmitter {
  /** Set by pino before each write; it knows the levels of child loggers. */
  lastLogger: { levels?: PinoConfig['levels'] } | undefined
  /** Set by pino before each write. */
  lastLevel = 0
  readonly #options: OtlpOptions
  readonly #settings: Settings
  readonly #counters = new Counters()
  readonly #announcer: Announcer
  readonly #diagnostics: Diagnostics
  #isChecked = false
  readonly #configs: PinoConfig[] = []
  readonly #requests = new WorkerRequests()
  readonly #levels = new Set<PinoConfig['levels']>()
  #received = 0
  /** What the worker will have counted as received when all lines written to it have come. */
  #expected = 0
  /** Records in the journals of workers that died. */
  #leftBehind = 0
  #thread: ThreadStream | undefined
  #startedAt = Number.NEGATIVE_INFINITY
  #closing: Promise<FlushResult> | undefined
  readonly #unwatch: (() => void)[] = []
  #isExiting = false
  /** Losses that a worker was told to announce. */
  #announced = 0

  constructor(options: OtlpOptions, settings: Settings) {
    super()
    // Asks pino to set `lastLogger`.
    Object.defineProperty(this, Symbol.for('pino.metadata'), { value: true })
    this.#settings = settings
    this.#counters.hasJournal = settings.journal !== undefined
    const { headers, diagnostics: mode } = settings
    this.#diagnostics = new Diagnostics({ name: PACKAGE.name, mode, headers, url: settings.url })
    this.#announcer = new Announcer({
      diagnostics: this.#diagnostics,
      counters: this.#counters,
      where: settings.url.replace(/\?.*$/s, ''),
      service: '',
    })
    this.#options = options
    if (!settings.enabled) return
    this.#start()
    // Here, as a worker sees no signals.
    if (settings.closeOnSignals) this.#unwatch.push(closeOnSignals(() => this.close()))
    this.#unwatch.push(watchExit({ ...NOTHING_TO_DO, end: () => this.#lastWord() }))
  }

  /** What pino knows a destination by, when it is the only argument: `pino(transport)`. */
  get writable(): boolean {
    return this.#closing === undefined
  }

  /** Takes one line, or several, whole. Always true: there is no back-pressure, the worker's queue is bounded instead. */
  write(lines: string | Uint8Array): boolean {
    if (!this.#settings.enabled) return true
    if (!this.#isChecked) this.#check()
    const text = typeof lines === 'string' ? lines : Buffer.from(lines).toString()
    const count = countLines(text)
    this.#received += count
    if (this.#closing !== undefined) this.#counters.drop('shutdown', count)
    else if (this.#isAlive()) {
      this.#expected += count
      const spliced = splice(text, this.#childLabel())
      // The worker would wait for the end of a line that never comes, and a flush with it.
      this.#thread!.write(isWhole(text) ? spliced : `${spliced}\n`)
    } else this.#counters.drop('worker_died', count)
    return true
  }

  /** pino sends its configuration as a 'message'. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'message') return super.emit(event, ...args)
    const { config } = (args[0] ?? {}) as { config?: PinoConfig }
    if (config === undefined) return false
    if (config.levels !== undefined) this.#levels.add(config.levels)
    this.#configs.push(config)
    if (this.#thread?.writable === true) this.#thread.write(toConfigLine(config))
    return true
  }

  /**
   * Sends all lines written so far. Resolves when each is sent or counted as dropped, or after `exportTimeoutMillis`;
   * never rejects. The callback, which is what `logger.flush(callback)` passes, is called then, too.
   */
  flush(callback?: (error?: Error) => void): Promise<FlushResult> {
    const flushed = this.#request('flush')
    if (typeof callback === 'function') void flushed.then(() => callback())
    return flushed
  }

  /** Hands all lines to the worker. pino calls it before a fatal line ends the process. */
  flushSync(): void {
    try {
      this.#thread?.flushSync()
    } catch {
      // The worker is gone, or stuck; either is told by its own counts.
    }
  }

  /** What became of the lines so far; those on their way to the worker count as waiting. */
  stats(): Stats {
    const stats = this.#counters.stats()
    // What a worker that died left in its journal was received here, and is adopted by the next one.
    const adopted = Math.max(0, stats.adopted - this.#leftBehind)
    stats.waiting.records = this.#received + adopted - stats.sent - stats.filtered - stats.dropped.total
    return { ...stats, received: this.#received, adopted }
  }

  /** Delivers what waits, within `closeTimeoutMillis`, and ends the worker. Never rejects; a second call is the first. */
  close(): Promise<FlushResult> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  end(): void {
    void this.close()
  }

  /** At the first line: instrumentation has done its part by then. */
  #check(): void {
    this.#isChecked = true
    if (isAlsoSent(this.lastLogger)) this.#diagnostics.warn('duplicate', ALSO_SENT)
  }

  #isAlive(): boolean {
    if (this.#thread === undefined && performance.now() - this.#startedAt >= RESTART_MILLIS) this.#start()
    return this.#thread?.writable === true
  }

  /** The name of the last line's level, where only a child logger knows it. */
  #childLabel(): string | undefined {
    const levels = this.lastLogger?.levels
    return levels === undefined || this.#levels.has(levels) ? undefined : levels?.labels?.[String(this.lastLevel)]
  }

  #start(): void {
    this.#startedAt = performance.now()
    const { port1, port2 } = new MessageChannel()
    const workerDied = this.#counters.dropped('worker_died') - this.#announced
    this.#announced += workerDied
    const thread = pino.transport({
      target: ownFile(),
      options: { ...this.#options, [LINK_KEY]: { port: port2, counters: this.#counters.buffer, workerDied } },
      worker: { transferList: [port2] },
    }) as ThreadStream
    this.#thread = thread
    this.#requests.connect(port1)
    thread.on('error', (error) => this.#died(thread, error))
    // Not only on the stream: running out of memory is an event of the Worker alone, and would end the app.
    thread.worker.on('error', (error) => this.#died(thread, error))
    thread.on('close', () => this.#died(thread))
    this.#bound(thread)
    for (const config of this.#configs) thread.write(toConfigLine(config))
  }

  /** At the end of a process pino hands over what is left, and throws into the app when the worker is stuck or dead. */
  #bound(thread: ThreadStream): void {
    const { flushSync, end } = thread
    let isStuck = false
    thread.flushSync = () => {
      if (isStuck) return
      try {
        flushSync.call(thread)
      } catch (error) {
        isStuck = true
        this.#died(thread, error)
      }
    }
    thread.end = () => {
      if (!isStuck) end.call(thread)
    }
  }

  #died(thread: ThreadStream, error?: unknown): void {
    if (this.#thread !== thread) return
    this.#thread = undefined
    const hasJournal = this.#settings.journal !== undefined
    const onDisk = hasJournal ? this.#counters.get('waiting') - this.#counters.get('journalUnsafe') : 0
    // Of what earlier ones left it had taken over a part, which is among what waits there now.
    const lost = this.stats().waiting.records - onDisk - Math.max(0, this.#leftBehind - this.#counters.get('adopted'))
    this.#leftBehind += onDisk
    this.#counters.drop(this.#closing === undefined ? 'worker_died' : 'shutdown', lost)
    if (this.#closing === undefined) {
      const why = error instanceof Error ? ` (${error.message})` : ''
      const next = this.#isExiting ? '' : ', another worker starts'
      this.#announcer.tell('worker_died', () => `the worker has died${why}; ${records(lost)} lost${next}`)
    }
    this.#counters.waits({ waiting: 0, waitingBytes: 0 })
    this.#counters.set('journalUnsafe', 0)
    this.#expected = this.#counters.get('received')
    this.#requests.disconnect()
  }

  #request(what: Request['what']): Promise<FlushResult> {
    const { exportTimeoutMillis, closeTimeoutMillis } = this.#settings
    const timeoutMillis = what === 'flush' ? exportTimeoutMillis : closeTimeoutMillis
    const late = (): FlushResult => ({ complete: false, waiting: this.stats().waiting.records })
    return this.#requests.ask(what, this.#expected, timeoutMillis, late)
  }

  /** A worker has a last word of its own. Without one, this is the only thread that knows. */
  #lastWord(): void {
    this.#isExiting = true
    if (this.#thread === undefined) this.#announcer.ended()
  }

  async #close(): Promise<FlushResult> {
    // Asked for and awaited: `end` blocks this thread until the worker is closed, and must find nothing left to do.
    const result = await this.#request('shutdown')
    for (const unwatch of this.#unwatch) unwatch()
    this.#lastWord()
    this.#thread?.end()
    return result
  }
}

/** At the end of a process, delivering is the worker's affair. */
const NOTHING_TO_DO: Omit<Parameters<typeof watchExit>[0], 'end'> = {
  closeTimeoutMillis: 0,
  waiting: () => 0,
  flush: () => Promise.resolve(NOTHING_WAITS),
  takeOver: () => ({ payloads: [], request: undefined }),
  settle() {},
}
