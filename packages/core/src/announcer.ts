// What a pipeline says about its deliveries: losses, trouble with the endpoint, the first success, and at the end what was
// not delivered. Each message names what, where and what to do; diagnostics.ts decides whether it is said now.
// At the end there is one line with exact numbers, which also tells what was held back until then.

import { type Diagnostics, records } from './diagnostics.ts'
import type { ExportCause } from './export.ts'
import { type Counters, DROP_REASONS, type DropReason } from './report.ts'

export interface AnnouncerOptions {
  diagnostics: Diagnostics
  counters: Counters
  /** The endpoint for people: without a query, which may hold a token. */
  where: string
  service: string
  /** The folder of the journal. */
  journal?: string | undefined
}

export class Announcer {
  readonly #options: AnnouncerOptions
  /** How many of each reason a message has told about. */
  readonly #told = new Map<DropReason, number>()
  /** Dropped as `shutdown`, and not yet said: an end gives up batch by batch, and says one number. */
  #left = 0
  #connected = false
  /** Whether somebody was told that the endpoint fails. */
  #isFailing = false
  #keptIsTold = false

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  dropped(reason: DropReason, count: number, cause?: ExportCause): void {
    if (reason === 'shutdown') {
      this.#left += count
      return
    }
    this.#options.diagnostics.warn(cause?.kind ?? reason, () => {
      const why = cause === undefined ? '' : `: ${this.#describe(cause)}`
      const total = this.#options.counters.dropped(reason)
      this.#told.set(reason, total)
      return `${records(count)} dropped (${reason}, ${total} so far)${why}`
    })
  }

  /** One record was dropped for a reason of its own, such as `a filter threw (no such key)`. */
  refused(reason: DropReason, why: string): void {
    this.tell(reason, () => `${why}; the record is dropped`)
  }

  /** All losses of a kind so far, in the words of who saw them. */
  tell(reason: DropReason, message: () => string): void {
    this.#options.diagnostics.warn(reason, () => {
      this.#told.set(reason, this.#options.counters.dropped(reason))
      return message()
    })
  }

  /** A record came after the end. */
  late(): void {
    const { diagnostics, where } = this.#options
    diagnostics.warn('closed', `1 log record not delivered to ${where}: it was logged after the end`)
  }

  retrying(cause: ExportCause): void {
    const { diagnostics, counters } = this.#options
    const isSaid = diagnostics.warn(cause.kind, () => {
      return `${this.#describe(cause)}; ${records(counters.get('waiting'))} waiting, trying again`
    })
    this.#isFailing ||= isSaid
  }

  succeeded(warning: string | undefined): void {
    const { diagnostics, counters, where, service } = this.#options
    if (warning !== undefined) diagnostics.warn('server warning', `${where} says: ${diagnostics.quote(warning)}`)
    if (!this.#connected) diagnostics.info('connected', `connected to ${where} as service ${service}`)
    else if (this.#isFailing) {
      diagnostics.info('recovered', `${where} takes log records again; ${records(counters.get('waiting'))} waiting`)
    }
    this.#connected = true
    this.#isFailing = false
  }

  /**
   * The last word: nothing when all was delivered, or every loss has been told.
   * @param isKept whether what still waits outlives this process
   */
  ended(isKept = false): void {
    const { diagnostics, counters, where, journal } = this.#options
    const lost = DROP_REASONS.map((reason) => [reason, counters.dropped(reason)] as const).filter(([, n]) => n > 0)
    const isNews = lost.some(([reason, n]) => reason !== 'shutdown' && n > (this.#told.get(reason) ?? 0))
    const total = lost.reduce((sum, [, n]) => sum + n, 0)
    const inAll = `lost in all (${lost.map(([reason, n]) => `${n} ${reason}`).join(', ')})`
    const left = this.#left
    this.#left = 0
    for (const [reason, n] of lost) this.#told.set(reason, n)
    if (left > 0) {
      const rest = total > left ? `; ${total} ${inAll}` : ''
      diagnostics.final('shutdown', `${records(left)} not delivered to ${where} before the end${rest}`)
    } else if (isNews) diagnostics.final('shutdown', `${records(total)} ${inAll}`)
    if (!isKept || this.#keptIsTold) return
    this.#keptIsTold = true
    // Not how many: of what other processes left, only a part has been counted.
    diagnostics.info('kept', `the journal in ${journal} keeps what was not sent, for the next process`)
  }

  #describe({ what, message, hint }: ExportCause): string {
    const { diagnostics, where } = this.#options
    const said = message === undefined || message === '' ? '' : `, server says "${diagnostics.quote(message)}"`
    return `${where}: ${what}${said}${hint === undefined ? '' : ` (${hint})`}`
  }
}
