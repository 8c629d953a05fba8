// The other way out: records are handed to an OpenTelemetry LoggerProvider, the app's own or one that sdk-stack.ts made.
// What it does with them is its affair: `sent` counts what it took, and nothing waits here.
// - A provider that is registered after us is found, one that is replaced is let go of. While there is none, records are
//   dropped as `no_provider`, which is said once.
// - A record goes to one provider only, also where both of the API's globals have one.
// - What an SDK logs while it takes a record (its diagnostics may be led to the same logger) would bring a record for
//   each record, for ever: it is left out.
// - The app's own provider is flushed when we are, and never shut down.

import { Announcer } from './announcer.ts'
import { type Clock, systemClock } from './clock.ts'
import { Diagnostics } from './diagnostics.ts'
import { closeOnSignals, watchExit } from './exit.ts'
import { handingOver, isHandingOver } from './handing-over.ts'
import { createHooks, type Hooks, textOfHookError } from './hooks.ts'
import type { Host, Pipeline } from './host.ts'
import type { ApiLogRecord, EnabledOptions, LoggerLike, LoggerProviderLike } from './logger-provider.ts'
import type { LogRecord, Scope } from './record.ts'
import { createRecordShape, type RecordShape } from './record-shape.ts'
import { Counters, type DropReason, type FlushResult, type Stats } from './report.ts'
import { createSdkOutlet, NO_PROVIDER, type SdkOutlet } from './sdk-outlet.ts'
import { toSdkRecord } from './sdk-record.ts'
import type { Settings } from './settings.ts'

/** With more logger names than this, the rest share the default scope: an SDK keeps every logger for ever. */
const MAX_SCOPES = 64
const MOST_SEVERE: EnabledOptions = { severityNumber: 24 }

export class SdkPipeline implements Pipeline {
  readonly #settings: Settings
  readonly #counters: Counters
  readonly #diagnostics: Diagnostics
  readonly #announcer: Announcer
  readonly #hooks: Hooks
  readonly #shape: RecordShape | undefined
  readonly #outlet: SdkOutlet
  readonly #scope: Scope
  readonly #clock: Clock
  readonly #unwatch: (() => void)[] = []
  readonly #loggers = new Map<string, LoggerLike>()
  #provider: LoggerProviderLike | undefined
  #isExiting = false
  /** Handed over since the last flush that came to its end. */
  #unflushed = 0
  #flushing: Promise<unknown> = Promise.resolve()
  #shutdown: Promise<FlushResult> | undefined

  /** @throws TypeError when packages of `pipeline: 'sdk'` are missing */
  constructor(settings: Settings, warnings: readonly string[], host: Host) {
    const { headers, url, diagnostics: mode, onReport } = settings
    const clock = host.clock ?? systemClock
    const { name } = host.package
    this.#diagnostics = new Diagnostics({ name, mode, headers, url, onReport, now: () => clock.now() })
    const outlet = createSdkOutlet(settings, host.package, this.#diagnostics)
    this.#settings = settings
    this.#outlet = outlet
    this.#clock = clock
    this.#scope = typeof settings.scope === 'object' ? settings.scope : host.package
    this.#counters = new Counters(host.counters)
    this.#hooks = createHooks(settings)
    this.#shape = createRecordShape(settings, host.messageKey ?? 'message')
    const [diagnostics, counters] = [this.#diagnostics, this.#counters]
    this.#announcer = new Announcer({ diagnostics, counters, where: outlet.where, service: '' })
    for (const [i, warning] of warnings.entries()) diagnostics.warn(`option ${i}`, warning)
    this.#unwatch.push(watchExit(this.#departing(host.lastCall)))
    if (settings.closeOnSignals) this.#unwatch.push(closeOnSignals(() => this.shutdown()))
  }

  emit(record: LogRecord): void {
    this.#counters.add('received')
    if (this.#shutdown !== undefined) return this.#dropLate()
    if (isHandingOver()) return this.#counters.add('filtered')
    handingOver(() => this.#take(record))
  }

  refuse(reason: DropReason, why?: string): void {
    this.#counters.add('received')
    if (reason === 'shutdown') this.#dropLate()
    else this.#refuse(reason, why ?? 'a line was no record')
  }

  commit(): void {}

  async forceFlush(timeoutMillis: number = this.#settings.exportTimeoutMillis): Promise<FlushResult> {
    return this.#shutdown ?? this.#flush(timeoutMillis)
  }

  shutdown(timeoutMillis: number = this.#settings.closeTimeoutMillis): Promise<FlushResult> {
    this.#shutdown ??= this.#end(timeoutMillis)
    return this.#shutdown
  }

  stats(): Stats {
    return this.#counters.stats()
  }

  #take(record: LogRecord): void {
    let kept: LogRecord | undefined
    try {
      kept = this.#hooks(record)
    } catch (error) {
      return this.#refuse('hook_failed', textOfHookError(error))
    }
    if (kept === undefined) return this.#counters.add('filtered')
    const provider = this.#outlet.provider()
    if (provider === undefined) return this.#refuse('no_provider', NO_PROVIDER)
    let made: ReturnType<typeof toSdkRecord>
    try {
      made = toSdkRecord(this.#shape?.of(kept) ?? kept, this.#settings.attributeValueLengthLimit)
    } catch {
      return this.#refuse('encode_failed', 'a record could not be read')
    }
    if (made.truncated || this.#shape?.cut === true) this.#counters.add('truncated')
    try {
      this.#handOver(this.#loggerOf(provider, kept.scopeName), made.record)
    } catch (error) {
      const thrown = error instanceof Error ? error.message : String(error)
      this.#refuse('rejected', `${this.#outlet.where} threw (${thrown})`)
    }
  }

  #handOver(logger: LoggerLike, record: ApiLogRecord): void {
    if (logger.enabled?.(enabledOptionsOf(record)) === false) {
      if (logger.enabled(MOST_SEVERE)) return this.#counters.add('filtered')
      const why = `it has no processor, was shut down, or switches the logger "${this.#scope.name}" off`
      return this.#refuse('no_provider', `${this.#outlet.where} takes no log records (${why})`)
    }
    logger.emit(record)
    this.#counters.add('sent')
    this.#unflushed++
  }

  #loggerOf(provider: LoggerProviderLike, scopeName: string | undefined): LoggerLike {
    if (provider !== this.#provider) {
      this.#provider = provider
      this.#loggers.clear()
    }
    const { name, version } = this.#scope
    const wanted = scopeName ?? name
    const isKnown = this.#loggers.has(wanted) || this.#loggers.size < MAX_SCOPES
    const key = isKnown ? wanted : name
    const logger = this.#loggers.get(key) ?? provider.getLogger(key, key === name ? version : undefined)
    this.#loggers.set(key, logger)
    return logger
  }

  async #end(timeoutMillis: number): Promise<FlushResult> {
    const result = await this.#flush(timeoutMillis, true)
    for (const unwatch of this.#unwatch) unwatch()
    this.#announcer.ended()
    return result
  }

  async #flush(timeoutMillis: number, isLast = false): Promise<FlushResult> {
    const before = this.#unflushed
    const { shutdown, provider } = this.#outlet
    // One after the other: of two at once, the SDK lets the second go before its records are out.
    const work = this.#flushing.then(() =>
      isLast && shutdown !== undefined ? shutdown() : before > 0 ? provider()?.forceFlush?.() : undefined,
    )
    this.#flushing = work.catch((error: unknown) => this.#diagnostics.warn('flush', this.#textOf(error)))
    // Of a flush, 0 is no limit; of an end, it is not to wait.
    const isBounded = isLast || timeoutMillis > 0
    const complete = await this.#inTime(work, isBounded ? timeoutMillis : undefined)
    if (complete) this.#unflushed -= before
    return { complete, waiting: complete ? 0 : this.#unflushed }
  }

  #inTime(work: Promise<unknown>, timeoutMillis: number | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel =
        timeoutMillis === undefined ? () => {} : this.#clock.after(timeoutMillis, () => resolve(false), true)
      const settle = (isDone: boolean): void => {
        cancel()
        resolve(isDone)
      }
      work.then(
        () => settle(true),
        () => settle(false),
      )
    })
  }

  #textOf(error: unknown): string {
    return `${this.#outlet.where} could not be flushed (${error instanceof Error ? error.message : String(error)})`
  }

  #refuse(reason: DropReason, why: string): void {
    this.#counters.drop(reason)
    this.#announcer.refused(reason, why)
  }

  #dropLate(): void {
    this.#counters.drop('shutdown')
    this.#announcer.late()
  }

  /** At process.exit nothing can be asked of an SDK any more; at a natural end it is flushed. */
  #departing(lastCall: Host['lastCall']): Parameters<typeof watchExit>[0] {
    return {
      closeTimeoutMillis: this.#settings.closeTimeoutMillis,
      waiting: () => (this.#isExiting ? 0 : this.#unflushed),
      flush: (timeoutMillis) => this.forceFlush(timeoutMillis),
      lastCall: () => {
        lastCall?.()
        this.#isExiting = true
      },
      takeOver: () => ({ payloads: [], request: undefined }),
      settle() {},
      end: () => {
        this.#shutdown ??= Promise.resolve({ complete: true, waiting: 0 })
        this.#announcer.ended()
      },
    }
  }
}

function enabledOptionsOf(record: ApiLogRecord): EnabledOptions {
  const { context, severityNumber, eventName } = record
  return {
    ...(context && { context }),
    ...(severityNumber !== undefined && { severityNumber }),
    ...(eventName !== undefined && { eventName }),
  }
}
