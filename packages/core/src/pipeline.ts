// One logger's way out: record -> filter -> transform -> redact -> shape -> bytes -> queue -> sender -> network.
// Why in this order: hooks.ts says it for the first three; what they have left is shaped and encoded, and from there on
// nobody looks into it again.
// Invariant: received + adopted = sent + filtered + dropped + waiting, at any moment.
// Nothing here throws into the app: a record that cannot go its way is dropped under one name, and counted.

import { VERSION } from './version.ts'
import { systemClock } from './clock.ts'
import { Announcer } from './announcer.ts'
import { createExporter } from './create-exporter.ts'
import { createQueue } from './create-queue.ts'
import { Diagnostics } from './diagnostics.ts'
import { Encoder } from './encode.ts'
import { closeOnSignals, watchExit } from './exit.ts'
import type { Exporter } from './export.ts'
import { createHooks, type Hooks, textOfHookError } from './hooks.ts'
import type { Host, Pipeline } from './host.ts'
import { LossNotice } from './loss-notice.ts'
import { createRecordShape, type RecordShape } from './record-shape.ts'
import { proxyCredentials } from './proxy.ts'
import type { Settings } from './settings.ts'
import type { Batch, RecordQueue } from './queue.ts'
import type { LogRecord } from './record.ts'
import { Counters, type DropReason, type FlushResult, type Stats } from './report.ts'
import { SdkPipeline } from './sdk-pipeline.ts'
import { Sender } from './sender.ts'
import { settleTakeOver } from './take-over.ts'
import { DEFAULT_SLAB_BYTES, RECORD_TOO_LARGE } from './slab.ts'

/**
 * Builds the chain for settled options. With `enabled: false` it is a pipeline that opens nothing and counts nothing.
 * @param warnings from `resolveOptions`, to be said in the host's name
 * @throws TypeError when the packages that `pipeline: 'sdk'` needs are missing
 */
export function createPipeline(settings: Settings, warnings: readonly string[], host: Host): Pipeline {
  if (!settings.enabled) return DISABLED
  const isHandedOver = settings.loggerProvider !== undefined || settings.pipeline === 'sdk'
  return isHandedOver ? new SdkPipeline(settings, warnings, host) : new LivePipeline(settings, warnings, host)
}

const NOTHING: FlushResult = { complete: true, waiting: 0 }
const DISABLED: Pipeline = {
  emit() {},
  refuse() {},
  commit() {},
  forceFlush: () => Promise.resolve(NOTHING),
  shutdown: () => Promise.resolve(NOTHING),
  stats: () => new Counters().stats(),
}

class LivePipeline implements Pipeline {
  readonly #settings: Settings
  readonly #counters: Counters
  readonly #announcer: Announcer
  readonly #encoder: Encoder
  readonly #queue: RecordQueue
  readonly #sender: Sender
  readonly #exporter: Exporter
  readonly #loss: LossNotice
  readonly #hooks: Hooks
  readonly #shape: RecordShape | undefined
  readonly #isInProcess: boolean
  readonly #unwatch: (() => void)[] = []
  #shutdown: Promise<FlushResult> | undefined

  constructor(settings: Settings, warnings: readonly string[], host: Host) {
    const { protocol, headers, maxQueueBytes, resource, scope } = settings
    const { name, version } = host.package
    const clock = host.clock ?? systemClock
    this.#settings = settings
    this.#isInProcess = host.inProcess
    this.#counters = new Counters(host.counters)
    const diagnostics = new Diagnostics({
      name,
      mode: settings.diagnostics,
      headers: { ...headers, ...proxyCredentials(settings.proxyEnv) },
      url: settings.url,
      onReport: settings.onReport,
      now: () => clock.now(),
    })
    this.#announcer = new Announcer({
      diagnostics,
      counters: this.#counters,
      where: settings.url.replace(/\?.*$/s, ''),
      service: String(resource['service.name']),
      journal: settings.journal?.directory,
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
    this.#hooks = createHooks(settings)
    this.#shape = createRecordShape(settings, host.messageKey ?? 'message')
    this.#loss = new LossNotice(encoding)
    this.#queue = createQueue({
      settings,
      encoder: this.#encoder,
      counters: this.#counters,
      clock,
      onEvict: (reason, count) => {
        this.#drop(reason, count)
        this.#sender.evicted(count)
      },
      onSetAside: (count) => this.#sender.evicted(count),
      onLost: (reason, count) => this.#drop(reason, count),
      onCommitted: (count) => this.#sender.notify(count),
      onTrouble: (message) => diagnostics.warn('journal', message),
      onReady: () => this.#sender.wake(),
    })
    const userAgent = `${name}/${version} OTel-OTLP-Exporter-JavaScript/${VERSION}`
    this.#exporter = createExporter(settings, userAgent, (values) => diagnostics.hide(values))
    this.#sender = new Sender({
      ...settings,
      // What is bounded is the request; the sender counts records. Of more than one scope, the others' names come on top.
      maxExportBatchBytes: Math.max(1, settings.maxExportBatchBytes - this.#encoder.envelope.bytes),
      queue: this.#queue,
      exporter: this.#exporter,
      counters: this.#counters,
      clock,
      payload: this.#encoder.envelope.payload,
      lossNotice: () => this.#loss.take(),
      onDrop: (reason, count, cause) => {
        this.#loss.add(reason, count)
        this.#announcer.dropped(reason, count, cause)
      },
      onRetry: (cause) => this.#announcer.retrying(cause),
      onSuccess: (warning) => this.#announcer.succeeded(warning),
    })
    if (host.workerDied !== undefined) this.#loss.add('worker_died', host.workerDied)
    for (const [i, warning] of warnings.entries()) diagnostics.warn(`option ${i}`, warning)
    if (!host.inProcess) return
    this.#unwatch.push(watchExit({ ...this.#departing(), lastCall: host.lastCall }))
    if (settings.closeOnSignals) this.#unwatch.push(closeOnSignals(() => this.shutdown()))
  }

  emit(record: LogRecord): void {
    this.#counters.add('received')
    if (this.#shutdown !== undefined) return this.#dropLate()
    let kept: LogRecord | undefined
    try {
      kept = this.#hooks(record)
    } catch (error) {
      return this.#refuse('hook_failed', textOfHookError(error))
    }
    if (kept === undefined) return this.#counters.add('filtered')
    try {
      this.#append(kept)
    } catch (error) {
      this.#drop(error === RECORD_TOO_LARGE ? 'record_too_large' : 'encode_failed', 1)
    }
  }

  refuse(reason: DropReason, why?: string): void {
    this.#counters.add('received')
    if (reason === 'shutdown') this.#dropLate()
    else if (why !== undefined) this.#refuse(reason, why)
    else this.#drop(reason, 1)
  }

  commit(): void {
    if (this.#queue.commit === undefined) return
    this.#queue.commit()
    // In a worker, another thread reads the counters.
    if (!this.#isInProcess) this.#queue.tellHeld?.()
    this.#counters.waits(this.#queue)
  }

  async forceFlush(timeoutMillis: number = this.#settings.exportTimeoutMillis): Promise<FlushResult> {
    return this.#shutdown ?? this.#sender.forceFlush(timeoutMillis)
  }

  shutdown(timeoutMillis: number = this.#settings.closeTimeoutMillis): Promise<FlushResult> {
    this.#shutdown ??= this.#end(timeoutMillis)
    return this.#shutdown
  }

  stats(): Stats {
    this.#queue.tellHeld?.()
    return this.#counters.stats()
  }

  async #end(timeoutMillis: number): Promise<FlushResult> {
    const result = await this.#sender.shutdown(timeoutMillis)
    for (const unwatch of this.#unwatch) unwatch()
    this.#announcer.ended(this.#isKept)
    return result
  }

  /** Whether records wait that outlive this process. */
  get #isKept(): boolean {
    return this.#queue.isSafe === true && this.#queue.waiting > 0
  }

  #append(record: LogRecord): void {
    const run = this.#encoder.encode(this.#shape === undefined ? record : this.#shape.of(record))
    if (this.#encoder.truncated || this.#shape?.cut === true) this.#counters.add('truncated')
    if (!this.#queue.append(run)) {
      this.#encoder.takeBack(run)
      return this.#drop('queue_full', 1)
    }
    // A queue on disk that is written chunk by chunk gives records free later, by `commit`.
    // Until then they are not among those that wait there: with the worker they would be lost.
    if (this.#queue.commit !== undefined) return this.#isInProcess ? this.commit() : undefined
    this.#sender.notify()
    this.#counters.waits(this.#queue)
  }

  #drop(reason: DropReason, count: number): void {
    this.#counters.drop(reason, count)
    this.#loss.add(reason, count)
    this.#announcer.dropped(reason, count)
  }

  #refuse(reason: DropReason, why: string): void {
    this.#counters.drop(reason)
    this.#loss.add(reason, 1)
    this.#announcer.refused(reason, why)
  }

  #dropLate(): void {
    this.#counters.drop('shutdown')
    this.#announcer.late()
  }

  #departing(): Parameters<typeof watchExit>[0] {
    const { closeTimeoutMillis } = this.#settings
    let batches: Batch[] | undefined
    return {
      closeTimeoutMillis,
      waiting: () => this.#queue.waiting,
      flush: (timeoutMillis) => this.forceFlush(timeoutMillis),
      takeOver: () => {
        batches = this.#sender.takeOver()
        return {
          payloads: batches.map(({ runs }) => this.#encoder.envelope.payload(runs)),
          request: this.#exporter.plain,
          isSafe: this.#queue.isSafe === true,
        }
      },
      settle: (sent, rejected) => {
        this.#counters.add('sent', sent)
        if (rejected > 0) this.#drop('rejected', rejected)
        const lost = settleTakeOver(this.#queue, batches ?? [], sent + rejected)
        if (lost > 0) this.#drop('shutdown', lost)
        this.#announcer.ended(this.#isKept)
        this.#counters.waits(this.#queue)
      },
      end: () => {
        this.#shutdown ??= Promise.resolve(NOTHING)
        // A journal of which all was delivered leaves no files.
        if (batches === undefined) settleTakeOver(this.#queue, this.#sender.takeOver(), 0)
        this.#announcer.ended(this.#isKept)
      },
    }
  }
}
