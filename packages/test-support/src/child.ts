// Runs an application in a process of its own, as a user would: source text goes to a file in the folder from which its
// bare imports have to resolve, `node` runs it, and what it printed and how it ended come back.
// The file is always removed, a process that outlives its time is always killed, and both are said.
// The environment is ours without what would change the app: npm_*, OTEL_*, NODE_OPTIONS, NODE_ENV and jest's own.

import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { removeAtExit } from './temp.ts'

export interface AppOptions {
  /** The folder that bare imports resolve from, usually the package under test. @default process.cwd() */
  resolveFrom?: string
  /** @default resolveFrom */
  cwd?: string
  /** Added to the environment. */
  env?: Record<string, string>
  args?: string[]
  /** @default 'mjs' */
  extension?: 'mjs' | 'cjs' | 'ts'
  /** Options for node itself. */
  execArgv?: string[]
  /** The process is killed after so long. @default 20 000 */
  timeoutMillis?: number
  /** Written to the app's stdin, which then ends. @default an empty stdin */
  input?: string
  /** Leaves stdin open after `input`, until `endInput()`. */
  keepInput?: boolean
  /** The node to run with. @default process.execPath */
  nodePath?: string
}

export interface AppResult {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** From the start of the process to its exit. */
  millis: number
}

/** Runs an app to its end. Rejects when it had to be killed because its time was over, with what it printed. */
export function runApp(source: string, options: AppOptions = {}): Promise<AppResult> {
  return startApp(source, options).done
}

/** Starts an app. The handle is there at once; the process may not be. */
export function startApp(source: string, options: AppOptions = {}): App {
  return new App(source, options)
}

const DEFAULT_TIMEOUT_MILLIS = 20_000
let files = 0

export class App {
  /** How the app ended; rejects when it was killed on timeout or could not be started. */
  readonly done: Promise<AppResult>
  readonly #child: ChildProcess
  readonly #waiters = new Set<() => void>()
  #stdout = ''
  #stderr = ''
  #ended = false

  constructor(source: string, options: AppOptions) {
    const { resolveFrom = process.cwd(), cwd = resolveFrom, args = [], execArgv = [], input } = options
    const { extension = 'mjs', timeoutMillis = DEFAULT_TIMEOUT_MILLIS, nodePath = process.execPath } = options
    const file = join(resolveFrom, `.app-${process.pid}-${Date.now().toString(36)}-${++files}.${extension}`)
    const remove = removeAtExit(file)
    writeFileSync(file, source)
    const startedAt = performance.now()
    this.#child = spawn(nodePath, [...execArgv, file, ...args], {
      cwd,
      env: { ...cleanEnvironment(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin?.on('error', () => {})
    if (input !== undefined) this.write(input)
    if (!options.keepInput) this.endInput()
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#grow(() => (this.#stdout += text)))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#grow(() => (this.#stderr += text)))

    this.done = new Promise<AppResult>((resolve, reject) => {
      let millis = 0
      const timer = setTimeout(() => {
        this.#child.kill('SIGKILL')
        reject(new Error(`The app still ran after ${timeoutMillis} ms and was killed.${this.#printed()}`))
        // A grandchild may hold them open.
        this.#child.stdout?.destroy()
        this.#child.stderr?.destroy()
      }, timeoutMillis)
      this.#child.on('error', reject)
      this.#child.on('exit', () => {
        millis = performance.now() - startedAt
      })
      this.#child.on('close', (code, signal) => {
        clearTimeout(timer)
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr, millis })
      })
    }).finally(() => {
      remove()
      this.#grow(() => (this.#ended = true))
    })
    // A test that only waits for a line never looks at `done`.
    this.done.catch(() => {})
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves with the first whole line of stdout, printed or to be printed, that matches; rejects when the app ends without. */
  stdoutLine(matches: string | RegExp | ((line: string) => boolean)): Promise<string> {
    return this.#line(() => this.#stdout, matches)
  }

  /** As `stdoutLine`, for stderr. */
  stderrLine(matches: string | RegExp | ((line: string) => boolean)): Promise<string> {
    return this.#line(() => this.#stderr, matches)
  }

  /** Writes to the app's stdin, which `keepInput` has left open. */
  write(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Ends the app's stdin. */
  endInput(): void {
    this.#child.stdin?.end()
  }

  /** Sends a signal; `done` says how the app took it. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal)
  }

  #line(output: () => string, matches: string | RegExp | ((line: string) => boolean)): Promise<string> {
    const hit = (line: string): boolean =>
      typeof matches === 'function'
        ? matches(line)
        : typeof matches === 'string'
          ? line.includes(matches)
          : line.search(matches) !== -1
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const lines = output().split('\n')
        const found = lines.slice(0, this.#ended ? lines.length : -1).find(hit)
        if (found === undefined && !this.#ended) return
        this.#waiters.delete(check)
        if (found === undefined)
          reject(new Error(`The app ended without a line that matches ${matches}.${this.#printed()}`))
        else resolve(found)
      }
      this.#waiters.add(check)
      check()
    })
  }

  #grow(act: () => void): void {
    act()
    for (const check of [...this.#waiters]) check()
  }

  #printed(): string {
    return `\nstdout: ${this.#stdout.slice(-2000)}\nstderr: ${this.#stderr.slice(-2000)}`
  }
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const strange = /^(npm_.*|OTEL_.*|NODE_OPTIONS|NODE_ENV|JEST_.*)$/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !strange.test(name)))
}
