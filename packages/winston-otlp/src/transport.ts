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
  type OtlpOptions,
  type Pipeline,
  resolveOptions,
  type Stats,
} from 'otlp-logs-core'
import { PACKAGE } from './host.ts'
import type { Info, LoggerLike } from './info.ts'
import type { LevelSet } from './levels.ts'
import { STAMP, type Stamp, stampWrites } from './stamp.ts'
import { InfoMapper } from './to-log-record.ts'

/** The options of every winston transport, as winston-transport declares them. */
export interface WinstonTransportOptions {
  /** The least severe level that is shipped; by default the logger's. */
  level?: string | undefined
  silent?: boolean | undefined
  /** A format for this transport alone. */
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

/** What winston-transport keeps on a transport. */
interface Bookkeeping {
  parent?: LoggerLike | null
  levels?: LevelSet
  _writableState?: { sync: boolean }
}

export class OtlpTransport extends Base {
  readonly #pipeline: Pipeline
  readonly #mapper: InfoMapper
  readonly #diagnostics: Diagnostics
  readonly #loggers = new Set<LoggerLike>()

  /** @throws TypeError that names option, value and what is expected, when an option is wrong */
  constructor(options: OtlpTransportOptions = {}) {
    const { level, silent, format, handleExceptions, handleRejections, ...otlp } = options
    super({ level, silent, format, handleExceptions, handleRejections })
    const { settings, warnings } = resolveOptions(otlp)
    const { headers, diagnostics: mode, onReport } = settings
    this.#pipeline = createPipeline(settings, warnings, { package: PACKAGE, inProcess: true })
    this.#mapper = new InfoMapper(settings)
    this.#diagnostics = new Diagnostics({ name: PACKAGE.name, mode, secrets: Object.values(headers), onReport })
    // Each logger adds listeners of its own.
    this.setMaxListeners(0)
    this.on('pipe', (logger: unknown) => this.#piped(logger as LoggerLike))
    this.on('unpipe', (logger: unknown) => this.#unpiped(logger as LoggerLike))
    this.on('error', () => {})
  }

  override _write(info: Info, encoding: BufferEncoding, callback: Callback): void {
    const { logger } = (info?.[STAMP] as Stamp | undefined) ?? {}
    if (logger !== undefined) this.#adopt(logger)
    // A format that returned false is written as such by some versions of winston.
    if (typeof info !== 'object' || info === null) return callback()
    super._write(info, encoding, callback)
  }

  log(info: Info, callback: () => void): void {
    try {
      this.#pipeline.emit(this.#mapper.toLogRecord(info, this.#own.levels))
    } catch {
      this.#pipeline.refuse('encode_failed')
    }
    if (info['exception'] === true || info['rejection'] === true) this.#hasten(info)
    if (this.listenerCount('logged') > 0) this.emit('logged', info)
    // As winston-transport does for entries that it filters: without this, each entry costs a tick and memory.
    if (this.#own._writableState !== undefined) this.#own._writableState.sync = false
    callback()
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
    void this.#pipeline.forceFlush()
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

  #piped(logger: LoggerLike): void {
    this.#loggers.add(logger)
    this.#adopt(logger)
    if (typeof logger.write === 'function') stampWrites(logger)
    this.#check(logger)
  }

  #unpiped(logger: LoggerLike): void {
    this.#loggers.delete(logger)
    const [other] = this.#loggers
    if (other !== undefined) this.#adopt(other)
    void this.#pipeline.forceFlush()
  }

  /** Set-ups that would silently ship nothing, or everything twice. */
  #check(logger: LoggerLike): void {
    const level = this.level ?? logger.level
    const levels = Object.keys((logger.levels ?? {}) as object)
    if (typeof level === 'string' && levels.length > 0 && !levels.includes(level)) {
      const hint = `set \`level\` to one of ${levels.join(', ')}`
      this.#diagnostics.warn('level', `the logger has no level "${level}", so that nothing is sent: ${hint}`)
    }
    const { transports } = logger
    const names = Array.isArray(transports) ? transports.map((transport: object) => transport.constructor?.name) : []
    if (names.includes('OpenTelemetryTransportV3')) {
      this.#diagnostics.warn('duplicate', 'OpenTelemetryTransportV3 is on the same logger: every record is sent twice')
    }
  }

  /**
   * After an uncaught exception winston waits for 'finish', which nobody emits, for 3 s, and then ends the process. It is
   * told at once: what waits is delivered when the process exits. Only where winston does exit, as 'finish' ends the pipe.
   */
  #hasten(info: Info): void {
    const exitOnError = this.#own.parent?.exitOnError
    const exits = typeof exitOnError === 'function' ? Boolean(exitOnError(info['error'])) : exitOnError !== false
    if (exits && (this.#own as { _ending?: boolean })._ending) setImmediate(() => this.emit('finish'))
  }
}
