// One logger's way out: record -> filter -> transform -> redact -> bytes -> queue -> sender -> network.
// Why in this order: `minimumSeverity` first, as it is cheapest; what the user's hooks return is redacted, so that they
// cannot bring a secret back; only then is the record encoded, and from there on nobody looks into it again.
// Invariant: received + adopted = sent + filtered + dropped + waiting, at any moment.
// Nothing here throws into the app: a record that cannot go its way is dropped under one name, and counted.

import { VERSION } from './version.ts'
import { Diagnostics, records } from './diagnostics.ts'
import { Encoder } from './encode.ts'
import { closeOnSignals, watchExit } from './exit.ts'
import type { ExportCause } from './export.ts'
import { createHttpExporter } from './http.ts'
import { LossNotice } from './loss-notice.ts'
import type { Settings } from './options.ts'
import { MemoryQueue } from './queue.ts'
import type { LogRecord, Scope } from './record.ts'
import { createRedactor } from './redact.ts'
import { Counters, type DropReason, type FlushResult, type Stats } from './report.ts'
import { Sender } from './sender.ts'
import { DEFAULT_SLAB_BYTES, RECORD_TOO_LARGE } from './slab.ts'

/** Who makes the pipeline, and where. */
export interface Host {
  /** The package's name and version: the default scope, and the sender of diagnostics. */
  package: Scope
  /** Whether this is the app's own thread, whose end must be watched. */
  inProcess: boolean
  /** Shared memory to count in, from `new Counters().buffer`. */
  counters?: SharedArrayBuffer | undefined
}

/** Takes records, delivers them, and knows what became of each. */
export interface Pipeline {
  emit(record: LogRecord): void
  /** Counts a record that came but never became a LogRecord. */
  refuse(reason: DropReason): void
  /** Resolves when all records emitted before are sent or dropped, or the time is over; never rejects. */
  forceFlush(timeoutMillis?: number): Promise<FlushResult>
  /** Flushes, then ends. Later records are dropped as `shutdown`. Never rejects; a second call is the first. */
  shutdown(timeoutMillis?: number): Promise<FlushResult>
  stats(): Stats
}

/**
 * Builds the chain for settled options. With `enabled: false` it is a pipeline that opens nothing and counts nothing.
 * @param warnings from `resolveOptions`, to be said in the host's name
 */
export function createPipeline(settings: Settings, warnings: readonly string[], host: Host): Pipeline {
  return settings.enabled ? new LivePipeline(settings, warnings, host) : DISABLED
}

const NOTHING: FlushResult = { complete: true, waiting: 0 }
const DISABLED: Pipeline = {
  emit() {},
  refuse() {},
  forceFlush: () => Promise.resolve(NOTHING),
  shutdown: () => Promise.resolve(NOTHING),
  stats: () => new Counters().stats(),
}

class LivePipeline implements Pipeline {
  readonly #settings: Settings
  readonly #counters: Counters
  readonly #diagnostics: Diagnostics
  readonly #encoder: Encoder
  readonly #queue: MemoryQueue
  readonly #sender: Sender
  readonly #exporter: ReturnType<typeof createHttpExporter>
  readonly #loss: LossNotice
  readonly #redact: ((record: LogRecord) => void) | undefined
  readonly #unwatch: (() => void)[] = []
  /** The endpoint for people: a query may hold a token. */
  readonly #where: string
  #connected = false
  /** Dropped as `shutdown`, and not yet said: a shutdown gives up batch by batch, and says one number at its end. */
  #lost = 0
  #ending = false
  #shutdown: Promise<FlushResult> | undefined

  constructor(settings: Settings, warnings: readonly string[], host: Host) {
    const { protocol, headers, maxQueueBytes, redact, resource, scope } = settings
    const { name, version } = host.package
    this.#settings = settings
    this.#where = settings.url.replace(/\?.*$/s, '')
    this.#counters = new Counters(host.counters)
    this.#diagnostics = new Diagnostics({
      name,
      mode: settings.diagnostics,
      secrets: Object.values(headers),
      onReport: settings.onReport,
    })
    const encoding = {
      ...settings,
      protocol,
      resource,
      scope: typeof scope === 'object' ? scope : host.package,
      // A small queue needs small slabs, since a slab is what it drops.
      slabBytes: Math.min(DEFAULT_SLAB_BYTES, Math.max(4096, Math.floor(maxQueueBytes / 16))),
    }
    this.#encoder = new Encoder(encoding)
    this.#redact = redact === undefined ? undefined : createRedactor(redact)
    this.#loss = new LossNotice(encoding)
    this.#queue = new MemoryQueue({
      ...settings,
      next: this.#encoder.envelope.next,
      onEvict: (count) => {
        this.#drop('queue_full', count)
        this.#sender.evicted(count)
      },
    })
    this.#exporter = createHttpExporter({
      ...settings,
      userAgent: `${name}/${version} OTel-OTLP-Exporter-JavaScript/${VERSION}`,
    })
    this.#sender = new Sender({
      ...settings,
      // What is bounded is the request; the sender counts records. Of more than one scope, the others' names come on top.
      maxExportBatchBytes: Math.max(1, settings.maxExportBatchBytes - this.#encoder.envelope.bytes),
      queue: this.#queue,
      exporter: this.#exporter,
      counters: this.#counters,
      payload: this.#encoder.envelope.payload,
      lossNotice: () => this.#loss.take(),
      onDrop: (reason, count, cause) => this.#tellDrop(reason, count, cause),
      onRetry: (cause) => this.#tellRetry(cause),
      onSuccess: (warning) => this.#tellSuccess(warning),
    })
    for (const [i, warning] of warnings.entries()) this.#diagnostics.warn(`option ${i}`, warning)
    if (!host.inProcess) return
    this.#unwatch.push(watchExit(this.#departing()))
    if (settings.closeOnSignals) this.#unwatch.push(closeOnSignals(() => this.shutdown()))
  }

  emit(record: LogRecord): void {
    this.#counters.add('received')
    if (this.#shutdown !== undefined) return this.#dropLate()
    const { severityNumber } = record
    if (severityNumber > 0 && severityNumber < this.#settings.minimumSeverity) return this.#counters.add('filtered')
    let kept: LogRecord | undefined
    try {
      kept = this.#hooked(record)
    } catch (error) {
      this.#diagnostics.warn(
        'hook_failed',
        `a filter, transform or redact rule threw (${textOf(error)}); the record is dropped`,
      )
      return this.#drop('hook_failed', 1)
    }
    if (kept === undefined) return this.#counters.add('filtered')
    try {
      this.#append(kept)
    } catch (error) {
      this.#drop(error === RECORD_TOO_LARGE ? 'record_too_large' : 'encode_failed', 1)
    }
  }

  refuse(reason: DropReason): void {
    this.#counters.add('received')
    this.#drop(reason, 1)
  }

  async forceFlush(timeoutMillis: number = this.#settings.exportTimeoutMillis): Promise<FlushResult> {
    return this.#shutdown ?? this.#sender.forceFlush(timeoutMillis)
  }

  shutdown(timeoutMillis: number = this.#settings.closeTimeoutMillis): Promise<FlushResult> {
    this.#shutdown ??= this.#end(timeoutMillis)
    return this.#shutdown
  }

  stats(): Stats {
    return this.#counters.stats()
  }

  async #end(timeoutMillis: number): Promise<FlushResult> {
    this.#ending = true
    const result = await this.#sender.shutdown(timeoutMillis)
    for (const unwatch of this.#unwatch) unwatch()
    this.#tellLost()
    return result
  }

  #hooked(record: LogRecord): LogRecord | undefined {
    const { filter, transform } = this.#settings
    if (filter !== undefined && !filter(record)) return undefined
    const kept = transform === undefined ? record : transform(record)
    if (kept !== undefined) this.#redact?.(kept)
    return kept
  }

  #append(record: LogRecord): void {
    const run = this.#encoder.encode(record)
    if (this.#encoder.truncated) this.#counters.add('truncated')
    if (!this.#queue.append(run)) {
      this.#encoder.takeBack(run)
      return this.#drop('queue_full', 1)
    }
    this.#counters.set('waiting', this.#queue.waiting)
    this.#counters.set('waitingBytes', this.#queue.waitingBytes)
    this.#sender.notify()
  }

  #drop(reason: DropReason, count: number): void {
    this.#counters.drop(reason, count)
    this.#tellDrop(reason, count)
  }

  #dropLate(): void {
    this.#counters.drop('shutdown')
    this.#diagnostics.warn('closed', `1 log record not delivered to ${this.#where}: it was logged after the end`)
  }

  #tellDrop(reason: DropReason, count: number, cause?: ExportCause): void {
    this.#loss.add(reason, count)
    if (reason === 'shutdown') {
      this.#lost += count
      if (!this.#ending) this.#tellLost()
      return
    }
    if (reason === 'hook_failed') return
    const why = cause === undefined ? '' : `: ${this.#describe(cause)}`
    const total = this.#counters.dropped(reason)
    this.#diagnostics.warn(cause?.kind ?? reason, () => `${records(count)} dropped (${reason}, ${total} so far)${why}`)
  }

  #tellRetry(cause: ExportCause): void {
    this.#diagnostics.warn(cause.kind, () => {
      return `${this.#describe(cause)}; ${records(this.#queue.waiting)} waiting, trying again`
    })
  }

  #tellSuccess(warning: string | undefined): void {
    if (warning !== undefined)
      this.#diagnostics.warn('server warning', `${this.#where} says: ${this.#diagnostics.quote(warning)}`)
    if (this.#connected) return
    this.#connected = true
    this.#diagnostics.info(
      'connected',
      `connected to ${this.#where} as service ${String(this.#settings.resource['service.name'])}`,
    )
  }

  #tellLost(): void {
    const count = this.#lost
    this.#lost = 0
    this.#ending = false
    if (count > 0)
      this.#diagnostics.warn('shutdown', `${records(count)} not delivered to ${this.#where} before the end`)
  }

  #describe({ what, message, hint }: ExportCause): string {
    const said = message === undefined || message === '' ? '' : `, server says "${this.#diagnostics.quote(message)}"`
    return `${this.#where}: ${what}${said}${hint === undefined ? '' : ` (${hint})`}`
  }

  #departing(): Parameters<typeof watchExit>[0] {
    const { closeTimeoutMillis } = this.#settings
    return {
      closeTimeoutMillis,
      waiting: () => this.#queue.waiting,
      flush: (timeoutMillis) => this.forceFlush(timeoutMillis),
      takeOver: () => {
        const batches = this.#sender.takeOver()
        return {
          payloads: batches.map(({ runs }) => this.#encoder.envelope.payload(runs)),
          request: this.#exporter.plain,
        }
      },
      settle: (sent, rejected) => {
        this.#counters.add('sent', sent)
        if (rejected > 0) this.#drop('rejected', rejected)
        const lost = this.#queue.waiting - sent - rejected
        if (lost > 0) this.#drop('shutdown', lost)
        this.#tellLost()
        this.#counters.set('waiting', 0)
        this.#counters.set('waitingBytes', 0)
      },
      end: () => void (this.#shutdown ??= Promise.resolve(NOTHING)),
    }
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
