// The headers of each request: the settled ones, and those that the app's `headers` function gives, for credentials that
// run out. It is asked before the first request, and again when the server answers 401.
// What it throws or gives wrongly is an error that the sender tries again, never one that reaches the app.

import { headers as headersCheck, type Headers } from './headers.ts'
import { grpcHeaders } from './metadata.ts'
import type { Protocol } from './options.ts'

export interface RequestHeadersOptions {
  protocol: Protocol
  /** Names in lower case. */
  headers: Headers
  userAgent: string
  /** Milliseconds that `freshHeaders` may take; 0 means no limit. */
  timeoutMillis: number
  /** The app's function, not trusted. */
  freshHeaders?: (() => unknown) | undefined
  /** Told each value that the function gives, before it is used: no message may show it. */
  onSecrets?: ((values: readonly string[]) => void) | undefined
}

const HTTP = headersCheck()
const GRPC = grpcHeaders()

const CONTENT_TYPES: Readonly<Record<Protocol, string>> = {
  'http/protobuf': 'application/x-protobuf',
  'http/json': 'application/json',
  grpc: 'application/grpc',
}

export class RequestHeaders {
  readonly #options: RequestHeadersOptions
  #fresh: Headers | undefined
  /** Requests side by side ask together. */
  #asking: Promise<void> | undefined

  constructor(options: RequestHeadersOptions) {
    this.#options = options
  }

  get canRefresh(): boolean {
    return this.#options.freshHeaders !== undefined
  }

  /** Those of the next request. Rejects with what `freshHeaders` did wrong. */
  async next(): Promise<Headers> {
    if (this.canRefresh && this.#fresh === undefined) await this.refresh()
    return this.#all()
  }

  /** Asks for fresh ones. Rejects as `next` does. */
  refresh(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  /** All of them, where that needs no waiting; undefined where only a promise could tell. */
  get atOnce(): Headers | undefined {
    try {
      if (this.canRefresh && this.#fresh === undefined) this.#take(this.#options.freshHeaders!())
      return this.#all()
    } catch {
      return undefined
    }
  }

  async #ask(): Promise<void> {
    const { freshHeaders, timeoutMillis } = this.#options
    try {
      const given = Promise.resolve(freshHeaders!())
      this.#take(await (timeoutMillis > 0 ? Promise.race([given, late(timeoutMillis)]) : given))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw Object.assign(new Error(`\`headers\` failed: ${why}`), { code: 'headers' })
    }
  }

  #take(given: unknown): void {
    const fresh = (this.#options.protocol === 'grpc' ? GRPC : HTTP).take(given, 'headers()')
    this.#options.onSecrets?.(Object.values(fresh))
    this.#fresh = fresh
  }

  #all(): Headers {
    const { headers, protocol, userAgent } = this.#options
    const all = { ...headers, ...this.#fresh }
    const own = all['user-agent']
    return {
      ...all,
      // A product of the user's own goes in front of ours, which stays (exporter.md, User Agent).
      'user-agent': own === undefined ? userAgent : `${own} ${userAgent}`,
      // Nothing behind the type: Loki compares the whole value.
      'content-type': CONTENT_TYPES[protocol],
    }
  }
}

function late(timeoutMillis: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    AbortSignal.timeout(timeoutMillis).addEventListener('abort', () => {
      reject(new Error(`it gave none within ${timeoutMillis} ms`))
    })
  })
}
