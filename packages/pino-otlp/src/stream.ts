// Lines in, records out, on the thread that it is made on: the stream behind `otlpStream` (the app's thread) and behind
// the worker target. It is a Writable to the outside, but takes its lines in `write` itself:
// - at once, in the caller's context, so that the active span is the line's;
// - never with back-pressure, an error or a late callback, since pino, its worker and pipes would pass those on to the app.
// `end` delivers what waits, within closeTimeoutMillis, before 'finish' and 'close'.

import { Writable } from 'node:stream'
import type { FlushResult, Pipeline, Settings, Stats } from 'otlp-logs-core'
import { Lines } from './lines.ts'
import { readConfigLine } from './splice.ts'
import { LineMapper, type PinoConfig } from './to-log-record.ts'

type WriteCallback = (error?: Error | null) => void

export class OtlpStream extends Writable {
  /** Set by pino before each write; it knows the levels of child loggers. */
  lastLogger: { levels?: PinoConfig['levels'] } | undefined
  /** Called before the first line of a logger is taken, with that logger or a child of it. */
  onLogger: ((logger: object) => void) | undefined
  /** Called after each write, once its lines were taken. */
  onLines: (() => void) | undefined
  readonly #pipeline: Pipeline
  readonly #mapper: LineMapper
  readonly #lines: Lines
  readonly #captureSpan: boolean
  #levels: PinoConfig['levels']

  /** @param captureSpan whether lines are written where they are logged */
  constructor(settings: Settings, pipeline: Pipeline, captureSpan: boolean) {
    super({ decodeStrings: false })
    // Asks pino to set `lastLogger`.
    Object.defineProperty(this, Symbol.for('pino.metadata'), { value: true })
    this.#pipeline = pipeline
    this.#mapper = new LineMapper(settings)
    this.#captureSpan = captureSpan
    this.#lines = new Lines(
      (line) => this.#emit(line),
      () => pipeline.refuse('invalid_line'),
    )
    this.on('message', (message: { code?: unknown; config?: unknown } | undefined) => this.#onMessage(message))
    // A user's `destroy(error)` is no reason to end the app.
    this.on('error', () => {})
  }

  override write(chunk: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback): boolean {
    if (this.writableEnded || this.destroyed) this.#pipeline.refuse('shutdown')
    else this.#take(chunk)
    const done = typeof encoding === 'function' ? encoding : callback
    if (done !== undefined) process.nextTick(done)
    return true
  }

  /** Only reached by `end(chunk)`, as `write` takes all else. */
  override _write(chunk: unknown, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#take(chunk)
    callback()
  }

  override _final(callback: WriteCallback): void {
    this.endLine()
    void this.#pipeline.shutdown().then(() => callback())
  }

  override _destroy(_error: Error | null, callback: WriteCallback): void {
    void this.#pipeline.shutdown().then(() => callback())
  }

  /**
   * Sends all lines written so far. Resolves when each is sent or counted as dropped, or after `exportTimeoutMillis`;
   * never rejects. The callback, which is what `logger.flush(callback)` passes, is called then, too.
   */
  flush(callback?: (error?: Error) => void): Promise<FlushResult> {
    const flushed = this.#pipeline.forceFlush()
    // Without an error, ever: pino's worker would end the stream, and the app.
    if (typeof callback === 'function') void flushed.then(() => callback())
    return flushed
  }

  /** What became of the lines so far. */
  stats(): Stats {
    return this.#pipeline.stats()
  }

  /** Delivers what waits, within `closeTimeoutMillis`, and ends. Later lines are dropped as `shutdown`. Never rejects. */
  close(): Promise<FlushResult> {
    if (!this.writableEnded) this.end()
    return this.#pipeline.shutdown()
  }

  /** What was written without an end is a line, too. */
  endLine(): void {
    this.#lines.end()
    this.#pipeline.commit()
  }

  #take(chunk: unknown): void {
    const levels = this.lastLogger?.levels
    // Children share their parent's object, unless they have levels of their own.
    if (levels !== undefined && levels !== this.#levels) {
      this.#levels = levels
      this.#mapper.learn({ levels })
      this.onLogger?.(this.lastLogger!)
    }
    this.#lines.push(chunk)
    this.#pipeline.commit()
    this.onLines?.()
  }

  #emit(line: string): void {
    let record
    try {
      const config = readConfigLine(line)
      if (config !== undefined) return this.#mapper.learn(config)
      record = this.#mapper.toLogRecord(line, this.#captureSpan)
    } catch {
      return this.#pipeline.refuse('encode_failed')
    }
    this.#pipeline.emit(record)
  }

  #onMessage(message: { code?: unknown; config?: unknown } | undefined): void {
    if (message?.code === 'PINO_CONFIG' && typeof message.config === 'object' && message.config !== null) {
      this.#mapper.learn(message.config)
    }
  }
}
