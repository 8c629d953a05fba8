// A process of this benchmark that is asked and answers: the app, the receiver, the proxy. Each file that it runs sends one
// message when it is ready, then one for each that it gets, with the same id.

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'

const SOURCES = join(import.meta.dirname, '..')

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export interface ProcessOptions {
  args?: readonly string[]
  execArgv?: readonly string[]
}

export class Process<Ready> {
  /** What it said when it was ready. */
  readonly ready: Promise<Ready>
  readonly #child: ChildProcess
  readonly #answers = new Map<number, { resolve(answer: never): void; reject(error: Error): void }>()
  readonly #ended: Promise<void>
  #stderr = ''
  #id = 0

  /** @param file below src/ */
  constructor(file: string, { args = [], execArgv = [] }: ProcessOptions = {}) {
    const child = fork(join(SOURCES, file), args, {
      // Node 22 warns of the types.
      execArgv: ['--disable-warning=ExperimentalWarning', ...execArgv],
      env: cleanEnvironment(),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child = child
    running.add(child)
    this.#ended = new Promise((resolve) => child.once('close', () => (running.delete(child), resolve())))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000)
    })
    this.ready = new Promise((resolve, reject) => {
      child.once('message', resolve as (message: unknown) => void)
      child.once('error', reject)
      child.once('close', (code, signal) => {
        const error = new Error(`${file} ended with ${code ?? signal}.\n${this.#stderr}`)
        reject(error)
        for (const answer of this.#answers.values()) answer.reject(error)
      })
      // After the first, so that this one does not get it.
      child.once('message', () =>
        child.on('message', ({ id, ...answer }: { id: number }) => {
          this.#answers.get(id)?.resolve(answer as never)
          this.#answers.delete(id)
        }),
      )
    })
    // Its owner awaits it, or fails earlier.
    this.ready.catch(() => {})
  }

  /** What it said on stderr, the end of it. */
  get stderr(): string {
    return this.#stderr
  }

  ask<Answer>(command: object): Promise<Answer> {
    const id = ++this.#id
    return new Promise<Answer>((resolve, reject) => {
      this.#answers.set(id, { resolve: resolve as (answer: never) => void, reject })
      this.#child.send({ ...command, id }, (error) => error && reject(error))
    })
  }

  /** Ends the process, as a crash does. */
  end(): Promise<void> {
    this.#child.kill('SIGKILL')
    return this.#ended
  }

  /** Resolves when the process has ended by itself. */
  ended(): Promise<void> {
    return this.#ended
  }
}

/** Without what would change the app: npm's, OpenTelemetry's and Node's own settings. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const strange = /^(npm_.*|OTEL_.*|NODE_OPTIONS|NODE_ENV|JEST_.*)$/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !strange.test(name)))
}
