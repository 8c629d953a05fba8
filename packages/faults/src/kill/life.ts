// A process that logs with a journal, from its start to its end, and how many lines it logged, known also if it was
// killed. It says who it is twice: in its resource, which stays with its lines, and in a header of the requests it sends.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type App, type AppOptions, loggingApp, type LoggingMode, startApp } from '@otlp-logs/test-support'
import { LIFE_KEY, SENDER_HEADER } from './arrivals.ts'

/** packages/faults, from which the apps' imports resolve. */
const PACKAGE_FOLDER = join(typeof __dirname === 'string' ? __dirname : import.meta.dirname, '../..')

/** All lives of a test are of one tenant, whatever their headers. */
export const TENANT = 'faults'

export interface LifeOptions extends Pick<
  AppOptions,
  'env' | 'execArgv' | 'timeoutMillis' | 'nodePath' | 'keepInput' | 'input'
> {
  mode: LoggingMode
  endpoint: string
  /** Of the journal. */
  directory: string
  /** Where the count of lines is written, beside the journal. */
  folder: string
  source: string
  /** Of the transport. */
  options?: object
  /** Of the journal. */
  journal?: object
  setUp?: string
}

let lives = 0

export class Life {
  readonly name: string
  readonly mode: LoggingMode
  readonly app: App
  readonly #file: string

  constructor({ mode, endpoint, directory, folder, source, options, journal, setUp, env, ...app }: LifeOptions) {
    this.mode = mode
    this.name = `${process.pid}-${++lives}`
    this.#file = join(folder, `logged-${this.name}`)
    const given = {
      endpoint,
      headers: { [SENDER_HEADER]: this.name },
      journal: { directory, tenant: TENANT, ...journal },
      ...options,
    }
    this.app = startApp(loggingApp({ mode, options: given, source, ...(setUp !== undefined && { setUp }) }), {
      resolveFrom: PACKAGE_FOLDER,
      env: { LOGGED_FILE: this.#file, OTEL_RESOURCE_ATTRIBUTES: `${LIFE_KEY}=${this.name}`, ...env },
      ...app,
    })
  }

  /** How many log calls have returned. */
  get logged(): number {
    return countIn(this.#file)
  }

  /** Kills it at once, and waits for its end. */
  async kill(): Promise<void> {
    this.app.kill('SIGKILL')
    await this.app.done
  }
}

/** What an app of logging-app.ts wrote to LOGGED_FILE. */
export function countIn(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}
