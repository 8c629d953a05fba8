// What we say about ourselves, to people: one line on stderr for each kind of trouble, and the same to `onReport`.
// - A kind is said once, then again at the earliest after 1, 10 and 60 minutes, with how often it was held back.
// - fs.writeSync(2): in pino's worker, and in a process that ends, console output is lost.
// - No secret is ever shown: header values and URL credentials are masked, also where a server repeats them.
// Nothing here throws, and nothing here is ever logged through the app's logger: a failing sender must not feed itself.

import { writeSync } from 'node:fs'
import type { Report } from './report.ts'
import { mask, secretsIn } from './secrets.ts'

export interface DiagnosticsOptions {
  /** The package that speaks: `pino-otlp`. */
  name: string
  mode: 'stderr' | 'verbose' | 'none'
  /** Values of headers, and the URL: what is secret in them appears in no message. */
  headers?: Readonly<Record<string, string>> | undefined
  url?: string | undefined
  onReport?: ((report: Report) => void) | undefined
  /** Milliseconds on a monotonic clock. */
  now?: (() => number) | undefined
  write?: ((line: string) => void) | undefined
}

const MINUTE = 60_000
/** After the first, second, third and later messages of a kind. */
const PAUSES = [MINUTE, 10 * MINUTE, 60 * MINUTE] as const

/** Values that are masked beside the configured ones, at most. */
const MAX_HIDDEN = 100

/** Longest part of a server's own message that is shown. */
const MAX_MESSAGE_CHARS = 200

export class Diagnostics {
  readonly #options: DiagnosticsOptions
  #hidden: readonly string[] = []
  #secrets: readonly string[] = []
  readonly #kinds = new Map<string, { said: number; next: number; heldBack: number }>()

  constructor(options: DiagnosticsOptions) {
    this.#options = options
    this.hide([])
  }

  /** Masks these values, too, in all messages from now on. */
  hide(secrets: readonly string[]): void {
    // Tokens that ran out long ago need not be known any more.
    this.#hidden = [...new Set([...this.#hidden, ...secrets])].slice(-MAX_HIDDEN)
    const { headers = {}, url } = this.#options
    this.#secrets = secretsIn([...Object.values(headers), ...this.#hidden], url)
  }

  /** Trouble of some kind. `false`: it is held back, because the same was said a short while ago. */
  warn(kind: string, message: string | (() => string)): boolean {
    const heldBack = this.#take(kind)
    if (heldBack === undefined) return false
    const more = heldBack > 0 ? ` (and ${heldBack} more like this)` : ''
    this.#say(
      { kind, level: 'warn', message: this.mask(typeof message === 'string' ? message : message()) + more },
      this.#options.mode !== 'none',
    )
    return true
  }

  /** How many of a kind were held back since one was said; undefined when this one is to be held back, too. */
  #take(kind: string): number | undefined {
    const now = (this.#options.now ?? (() => performance.now()))()
    const state = this.#kinds.get(kind) ?? { said: 0, next: Number.NEGATIVE_INFINITY, heldBack: 0 }
    this.#kinds.set(kind, state)
    const { heldBack } = state
    if (now < state.next) {
      state.heldBack++
      return undefined
    }
    state.next = now + PAUSES[Math.min(state.said, PAUSES.length - 1)]!
    state.said++
    state.heldBack = 0
    return heldBack
  }

  /** The last word of a pipeline: never held back. */
  final(kind: string, message: string): void {
    this.#say({ kind, level: 'warn', message: this.mask(message) }, this.#options.mode !== 'none')
  }

  /** Good news, shown only where it was asked for; held back as trouble is. */
  info(kind: string, message: string): void {
    if (this.#take(kind) === undefined) return
    this.#say({ kind, level: 'info', message: this.mask(message) }, this.#options.mode === 'verbose')
  }

  /** Cuts a server's message to a readable, safe length. */
  quote(message: string): string {
    // A control character could make a terminal do things.
    const line = this.mask(message.replace(/[\p{Cc}\s]+/gu, ' ').trim())
    return line.length > MAX_MESSAGE_CHARS ? `${line.slice(0, MAX_MESSAGE_CHARS)}...` : line
  }

  mask(text: string): string {
    return mask(text, this.#secrets)
  }

  #say(report: Report, onStderr: boolean): void {
    const { name, onReport, write = writeStderr } = this.#options
    // A closed stderr or a throwing listener is no reason to disturb the app, nor each other.
    if (onStderr) quietly(() => write(`${name}: ${report.message}\n`))
    quietly(() => onReport?.(report))
  }
}

function quietly(act: () => void): void {
  try {
    act()
  } catch {
    // There is nobody left to tell.
  }
}

/** `1 log record`, `2 log records`. */
export function records(count: number): string {
  return `${count} log record${count === 1 ? '' : 's'}`
}

function writeStderr(line: string): void {
  writeSync(2, line)
}
