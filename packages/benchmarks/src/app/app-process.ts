// An app, seen from the benchmark: started for one contender, told what to log, and measured until all of it has arrived.

import { setTimeout as pause } from 'node:timers/promises'
import type { Contender } from '../contenders.ts'
import { Process } from '../measure/process.ts'
import type { Received, Receiver } from '../receiver/receiver-process.ts'
import type { ShapeName } from '../shapes.ts'
import type { AppPlan, Calls, Command, Logged, Usage } from './commands.ts'

const QUIET_MILLIS = 2000
/** For a worker to write what it was given, where nobody can tell when it has. */
const LOCAL_REST_MILLIS = 300

export interface AppOptions {
  receiver: Receiver
  /** The receiver's, or that of a proxy before it. */
  endpoint: string
  shape?: ShapeName | undefined
  execArgv?: readonly string[] | undefined
}

export interface MeasureOptions {
  /** Done while it logs. */
  meanwhile?: () => Promise<void>
  /** How long nothing may arrive until the rest counts as lost. @default 2000: all send at least each second */
  quietMillis?: number
}

/** One stretch of logging, from the first call to the last arrival. */
export interface Stretch extends Logged, Usage {
  /** Distinct lines that arrived; all, where nothing is sent. */
  delivered: number
  lost: number
  duplicates: number
  wireBytes: number
  requests: number
  /** `Date.now()` of the last arrival. */
  lastAt: number
}

export class App {
  readonly #process: Process<{ readyMillis: number }>
  readonly #contender: Contender
  readonly #receiver: Receiver

  private constructor(contender: Contender, { receiver, endpoint, shape, execArgv }: AppOptions) {
    const plan: AppPlan = {
      setUp: contender.setUp,
      given: { endpoint, ...contender.given },
      shape: shape ?? 'short',
    }
    this.#contender = contender
    this.#receiver = receiver
    this.#process = new Process('app/app.ts', { args: [JSON.stringify(plan)], ...(execArgv && { execArgv }) })
  }

  static async start(contender: Contender, options: AppOptions): Promise<App> {
    const app = new App(contender, options)
    try {
      await app.#process.ready
    } catch (error) {
      await app.end()
      throw error
    }
    return app
  }

  /** Milliseconds from the start of the process until its transport was ready. */
  async readyMillis(): Promise<number> {
    return (await this.#process.ready).readyMillis
  }

  async warm(perSecond: number, millis: number): Promise<void> {
    await this.#ask({ do: 'warm', perSecond, millis })
  }

  calls(perSecond: number, millis: number): Promise<Calls> {
    return this.#ask<Calls>({ do: 'calls', perSecond, millis })
  }

  /** Lets it log, and waits for the lines to arrive. */
  async measure(command: Command, { meanwhile, quietMillis = QUIET_MILLIS }: MeasureOptions = {}): Promise<Stretch> {
    const before = await this.#receiver.received()
    await this.#ask({ do: 'begin' })
    const [logged] = await Promise.all([this.#ask<Logged>(command), meanwhile?.()])
    const { within, ...received } = await this.#arrived(logged, quietMillis)
    const usage = await this.#ask<Usage>({ do: 'usage' })
    return {
      ...logged,
      ...usage,
      delivered: within,
      lost: logged.count - within,
      duplicates: received.duplicates - before.duplicates,
      wireBytes: received.wireBytes - before.wireBytes,
      requests: received.requests - before.requests,
      lastAt: received.lastAt,
    }
  }

  async #arrived(logged: Logged, quietMillis: number): Promise<Received> {
    if (!this.#contender.isLocal) return this.#receiver.settled(logged, quietMillis)
    const { at } = await this.#ask<{ at: number }>({ do: 'counted' })
    await pause(LOCAL_REST_MILLIS)
    return { distinct: 0, duplicates: 0, requests: 0, wireBytes: 0, within: logged.count, lastAt: at }
  }

  /** Lets the app come to its end by itself. */
  async exit(): Promise<void> {
    this.#ask({ do: 'exit' }).catch(() => {})
    await this.#process.ended()
  }

  /** Ends it at once: what was to be measured is measured. */
  end(): Promise<void> {
    return this.#process.end()
  }

  #ask<Answer = object>(command: Command): Promise<Answer> {
    return this.#process.ask<Answer>(command)
  }
}
