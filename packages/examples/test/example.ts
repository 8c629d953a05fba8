// A server of the examples in a process of its own: asked by HTTP, and stopped by SIGTERM. On Windows, which has no signals,
// the end of its stdin is one; so it is everywhere when a test has died.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type App, type AppOptions, type AppResult, type Receiver, startApp } from '@otlp-logs/test-support'

export const FOLDER: string = join(__dirname, '..')

const REQUEST_MILLIS = 10_000
/** How the examples, Fastify and Next.js say it. */
const LISTENING = /(?:listening at|Local:) +(http:[^\s"]+)/i
const STOP_WITH_STDIN = `
import cluster from 'node:cluster'
if (cluster.isPrimary) process.stdin.once('end', () => process.emit('SIGTERM', 'SIGTERM')).resume().unref()
`

/** The statement that runs an example. */
export function importOf(file: string): string {
  return `await import(${JSON.stringify(pathToFileURL(join(FOLDER, 'src', file)).href)})`
}

/** Runs a server, uses it, lets it deliver what waits and end. Gives how it ended. */
export async function runServer(
  code: string,
  receiver: Receiver,
  use: (server: Server) => Promise<void>,
  options: AppOptions = {},
): Promise<AppResult> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, PORT: '0', ...options.env }
  const bounds = { keepInput: true, timeoutMillis: 25_000 }
  const app = startApp(STOP_WITH_STDIN + code, { resolveFrom: FOLDER, ...options, ...bounds, env })
  try {
    await use(new Server(app))
    if (process.platform === 'win32') app.endInput()
    else app.kill('SIGTERM')
    return await app.done
  } finally {
    app.kill('SIGKILL')
  }
}

export class Server {
  readonly #app: App

  constructor(app: App) {
    this.#app = app
  }

  /** Resolves with the URL when so many processes have said that they listen there. */
  async url(processes = 1): Promise<string> {
    const listening = new Set<string>()
    const isLast = (line: string): boolean => LISTENING.test(line) && listening.add(line).size === processes
    const [, url] = LISTENING.exec(await this.#app.stdoutLine(isLast)) ?? []
    return `http://localhost:${new URL(url!).port}`
  }

  /** Sends an order. Gives the status of the answer. */
  async order(item: string, quantity: number, headers: Record<string, string> = {}): Promise<number> {
    const { status } = await fetch(`${await this.url()}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer of-a-user', ...headers },
      body: JSON.stringify({ item, quantity }),
      signal: AbortSignal.timeout(REQUEST_MILLIS),
    })
    return status
  }
}

/** The JSON lines that a program printed. */
export function linesOf(stdout: string): Record<string, unknown>[] {
  const lines = stdout.split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}
