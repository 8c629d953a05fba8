// One service of the demo, in a process of its own, as it would run anywhere else. What it prints is kept, line by line.
// Every wait is bounded, and no process outlives the demo: see lifeline.mjs.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Name } from './arguments.ts'

/** What a logger printed on stdout. */
export interface Line {
  service: Name
  text: string
  fields: Record<string, unknown>
  /** What pino calls `msg`, and winston `message`. */
  message: string
  /** What pino calls `time`, and winston, in ISO form, `timestamp`. */
  timeMillis: number
}

const START_MILLIS = 15_000
/** More than the 10 s that pino gives its worker to deliver what waits. */
const STOP_MILLIS = 12_000

export class Service {
  readonly name: Name
  readonly lines: Line[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #listening = Promise.withResolvers<string>()
  /** How the process ended, once all that it printed is here. */
  readonly #ended = Promise.withResolvers<string>()

  /** @param onOther told of each line on stderr, and of those on stdout that no logger wrote */
  constructor(name: Name, env: NodeJS.ProcessEnv, onOther: (text: string) => void) {
    this.name = name
    const args = ['--import', './lifeline.mjs', '--import', './tracing.mjs', `${name}.mjs`]
    this.#child = spawn(process.execPath, args, { cwd: import.meta.dirname, env })
    const { stdin, stdout, stderr } = this.#child
    stdin.on('error', () => {}) // a service that is gone already
    createInterface({ input: stdout }).on('line', (text) => this.#take(text) || onOther(text))
    createInterface({ input: stderr }).on('line', (text) => onOther(text))
    this.#child.on('error', (error) => this.#ended.resolve(`could not run: ${error.message}`))
    this.#child.on('close', (code, signal) => this.#ended.resolve(`ended with ${signal ?? `exit code ${code}`}`))
  }

  /** Resolves with its URL when it listens. @throws Error when it ends instead, or takes too long */
  async url(): Promise<string> {
    const ended = this.#ended.promise.then((how) => `${this.name} ${how}`)
    const result = await first(START_MILLIS, this.#listening.promise, ended)
    if (result?.startsWith('http')) return result
    throw new Error(result ?? `${this.name} did not listen within ${START_MILLIS / 1000} s`)
  }

  /** Lets it deliver what waits and end. Gives what went wrong. */
  async stop(): Promise<string | undefined> {
    this.#child.stdin.end()
    const how = await first(STOP_MILLIS, this.#ended.promise)
    if (how === 'ended with exit code 0') return undefined
    this.kill()
    return `${this.name} ${how ?? `did not end within ${STOP_MILLIS / 1000} s`}`
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #take(text: string): boolean {
    const fields = readObject(text)
    if (fields === undefined) return false
    const message = String(fields['msg'] ?? fields['message'])
    const timeMillis = Number(fields['time'] ?? Date.parse(String(fields['timestamp'])))
    this.lines.push({ service: this.name, text, fields, message, timeMillis })
    const [, url] = /^Server listening at (\S+)/.exec(message) ?? []
    if (url !== undefined) this.#listening.resolve(url)
    return true
  }
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    return text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** What is known first, undefined when nothing is in time. */
async function first<T>(millis: number, ...promises: Promise<T>[]): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), millis)
  try {
    return await Promise.race([...promises, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
