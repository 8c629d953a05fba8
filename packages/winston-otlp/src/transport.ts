// `OtlpTransport`: the winston transport. Rules of that place:
// - log() calls back synchronously, always, and without an error: a late callback stalls every transport of the logger
//   after 16 entries, an error ends the app. The entry is encoded before log() returns, as the app may change it.
// - _final() is what `logger.end()` awaits: it delivers. close() only starts a flush, since winston also calls it where
//   the transport goes on (configure, one of several loggers).
// - A transport may serve many loggers: the entry's stamp says whose it is, and so which level and level set hold.

import TransportStream from 'winston-transport'
import type { Writable } from 'node:stream'
import {
  createPipeline,
  Diagnostics,
  type FlushResult,
  handingOver,
  type OtlpOptions,
  type Pipeline,
  resolveOptions,
  type Stats,
} from 'otlp-logs-core'
import { PACKAGE } from './host.ts'
import { type Info, isInfo, type LoggerLike, textOfThrown } from './info.ts'
import type { LevelSet } from './levels.ts'
import { loggerOf, setupProblems } from './logger.ts'
import { makeStamp, type Stamp, stampIn, stampWrites } from './stamp.ts'
import { InfoMapper } from './to-log-record.ts'

/** The options of every winston transport, as winston-transport declares them. */
export interface WinstonTransportOptions {
  /** The least severe level that is shipped; by default the logger's. */
  level?: string | undefined
  silent?: boolean | undefined
  /** A format for this transport alone. An entry for which it throws is dropped as `hook_failed`. */
  // logform's Format, without an import of its types.
  format?: { options?: object; transform(info: never, options?: never): unknown } | undefined
  handleExceptions?: boolean | undefined
  handleRejections?: boolean | undefined
}

export type OtlpTransportOptions = OtlpOptions & WinstonTransportOptions

/** What TransportStream adds to a Writable. Declared here, as its own types need esModuleInterop. */
interface TransportBase extends Writable {
  level?: string
  silent?: boolean
  handleExceptions?: boolean
  handleRejections?: boolean
}
const Base: new (options: WinstonTransportOptions) => TransportBase = TransportStream as never

type Callback = (error?: Error | null) => void

/** What winston, winston-transport and the stream keep on a transport. */
interface Bookkeeping {
  parent?: LoggerLike | null
  levels?: LevelSet
  _ending?: boolean
  _writableState: { sync: boolean; ending: boolean }
  _writev?: unknown
}

export class OtlpTransport extends Base {
  readonly #pipeline: Pipeline
  readonly #mapper: InfoMapper
  readonly #diagnostics: Diagnostics
  readonly #closeTimeoutMillis: number
  readonly #loggers = new Set<LoggerLike>()
  /** Loggers that have not written yet: all of their transports may not be there. */
  readonly #unchecked = new Set<LoggerLike>()
  /** That of the entry being written: a format of this transport is given a copy without it. */
  #stamp: Stamp | undefined
  /**
   * That of the last entry. winston hands over an entry twice where the transport is an exception handler, too, was added
   * twice, or was added again after `child.close()`, which does not take it away.
   */
  #last: Stamp | undefined

  /** @throws TypeError that names option, value and what is expected, when an option is wrong */
  constructor(options: OtlpTransportOptions = {}) {
    const { level, silent, format, handleExceptions, handleRejections, ...otlp } = options
    super({ level, silent, format, handleExceptions, handleRejections })
    const { settings, warnings, given } = resolveOptions(otlp)
    const { headers, diagnostics: mode, onReport, closeTimeoutMillis } = settings
    const host = { package: PACKAGE, inProcess: true, messageKey: settings.keys.message }
    this.#pipeline = createPipeline(settings, warnings, host)
    this.#mapper = new InfoMapper(settings, given.keys?.time)
    this.#diagnostics = new Diagnostics({ name: PACKAGE.name, mode, headers, url: settings.url, onReport })
    this.#closeTimeoutMillis = closeTimeoutMillis
    // A write waits for nothing, so that there is never a number of them to write at once, for which other rules hold.
    this.#own._writev = undefined
    this.#own.levels = {}
    // Each logger adds listeners of its own.
    this.setMaxListeners(0)
    this.on('pipe', (source: unknown) => this.#piped(loggerOf(source)))
    this.on('unpipe', (source: unknown) => this.#unpiped(loggerOf(source)))
    this.on('error', () => {})
  }

  /** After `end()`, which other loggers may not know of, entries are counted as lost; the stream would emit an error. */
  override write(info: unknown, ...rest: unknown[]): boolean {
    if (!this.#own._writableState.ending) return super.write(info, ...(rest as []))
    this._write(info as Info, 'utf8', () => {})
    return true
  }

  override _write(info: Info, encoding: BufferEncoding, callback: Callback): void {
    let calledBack = false
    const once = (): void => {
      calledBack = true
      // As winston-transport does for entries that it filters: without this, each entry costs a tick and memory.
      this.#own._writableState.sync = false
      callback()
    }
    try {
      // What a format returns that leaves an entry out.
      if (!isInfo(info)) return once()
      this.#stamp = stampIn(info)
      const { logger } = this.#stamp ?? {}
      if (logger !== undefined) this.#adopt(logger)
      if (logger !== undefined && this.#unchecked.delete(logger)) this.#check(logger)
      super._write(info, encoding, once)
    } catch (error) {
      this.#pipeline.refuse('hook_failed', `the transport's format threw (${textOfThrown(error)})`)
      if (!calledBack) once()
    } finally {
      this.#stamp = undefined
    }
  }

  log(info: Info, callback?: () => void): void {
    try {
      const stamp = stampIn(info) ?? this.#stamp ?? makeStamp(info)
      if (stamp !== this.#last) this.#ship(info, stamp)
    } catch {
      this.#pipeline.refuse('encode_failed')
    }
    // As every winston transport does, but only where somebody listens: this costs more than all the rest.
    if (this.listenerCount('logged') > 0) setImmediate(() => this.emit('logged', info))
    callback?.()
  }

  /** Sends all entries logged so far. Resolves when each is sent or counted as dropped, or after `exportTimeoutMillis`; never rejects. */
  flush(): Promise<FlushResult> {
    return this.#pipeline.forceFlush()
  }

  /** What became of the entries so far. */
  stats(): Stats {
    return this.#pipeline.stats()
  }

  /** Called by winston when the transport is removed or reconfigured: what waits is sent soon, and the transport stays usable. */
  close(): void {
    // Not longer than an end may take: nobody awaits this, but the process lives as long.
    void this.#pipeline.forceFlush(Math.max(1, this.#closeTimeoutMillis))
  }

  override _final(callback: Callback): void {
    void this.#pipeline.shutdown().then(() => callback())
  }

  override _destroy(_error: Error | null, callback: Callback): void {
    void this.#pipeline.shutdown().then(() => callback())
  }

  get #own(): Bookkeeping {
    return this as unknown as Bookkeeping
  }

  /** winston-transport does this for the first logger only, and forgets it after an error or a reconfiguration. */
  #adopt(logger: LoggerLike): void {
    this.#own.parent = logger
    this.#own.levels = (logger.levels ?? {}) as LevelSet
  }

  #ship(info: Info, stamp: Stamp): void {
    this.#last = stamp
    const record = this.#mapper.toLogRecord(info, stamp, this.#own.levels)
    if (stamp.isEcho) handingOver(() => this.#pipeline.emit(record))
    else this.#pipeline.emit(record)
    if (stamp.isCrash) this.#hasten(info)
  }

  #piped(logger: LoggerLike): void {
    this.#loggers.add(logger)
    this.#unchecked.add(logger)
    this.#adopt(logger)
    if (typeof logger.write === 'function') stampWrites(logger)
    this.#check(logger)
  }

  #unpiped(logger: LoggerLike): void {
    this.#loggers.delete(logger)
    this.#unchecked.delete(logger)
    const [other] = this.#loggers
    if (other !== undefined) this.#adopt(other)
    this.close()
  }

  #check(logger: LoggerLike): void {
    for (const [kind, problem] of setupProblems(logger, this.level)) this.#diagnostics.warn(kind, problem)
  }

  /**
   * After an uncaught exception winston waits for 'finish', which nobody emits, for 3 s, and then ends the process. It is
   * told at once: what waits is delivered when the process exits. Only where winston does exit, as 'finish' ends the pipe.
   */
  #hasten(info: Info): void {
    const exitOnError = this.#own.parent?.exitOnError
    const exits = typeof exitOnError === 'function' ? Boolean(exitOnError(info['error'])) : exitOnError !== false
    if (!exits || !this.#own._ending) return
    setImmediate(() => {
      const loggers = [...this.#loggers]
      this.emit('finish')
      // The process still lives: winston waits for another transport. What is logged in that time counts, too.
      for (const logger of loggers) if (!this.#loggers.has(logger)) logger.pipe?.(this)
    })
  }
}
