// A real OpenTelemetry Collector in a process of its own: otlp receiver in, file exporter out, on ports of 127.0.0.1 that
// the system gives. What its file exporter wrote is read back by the official schema, as a receiver's requests are.
// It can be killed and started again on its ports. Tests wait for its log and for its file, never for a time.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, type FSWatcher, openSync, readSync, watch, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { decodeRequest } from './decode.ts'
import { findOtelcol } from './otelcol.ts'
import { flattenRecords, type ReceivedRecord } from './record.ts'
import { makeTempFolder } from './temp.ts'
import { Waiters } from './waiters.ts'

/** Parts of the Collector's configuration, by the names that it has there. */
export interface CollectorOptions {
  /** Whole configurations as YAML, over which the others are laid. They have the pipelines, and say what is exported. */
  files?: readonly string[]
  /** Settings of the receiver's protocols, beside their endpoint, such as `tls`. */
  http?: object
  grpc?: object
  /** In the order of the pipeline. @default none */
  processors?: Record<string, object>
  /** @default a file, which `records` reads */
  exporters?: Record<string, object>
  extensions?: Record<string, object>
}

const READY = 'Everything is ready'
const IN_USE = 'address already in use'
const WAIT_MILLIS = 20_000

/** Starts a Collector that is ready when the promise resolves. End it with `close()`. @throws Error when there is none */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const path = findOtelcol()
  if (path === undefined) throw new Error('There is no OpenTelemetry Collector: `npm run collector:build` builds one')
  const collector = new Collector(path, options)
  try {
    await collector.start()
    return collector
  } catch (error) {
    await collector.close()
    throw error
  }
}

export class Collector {
  httpPort = 0
  grpcPort = 0
  /** What its file exporter has written, in that order. */
  readonly records: ReceivedRecord[] = []
  /** What was wrong with it: nothing, as long as the Collector writes what the schema allows. */
  readonly problems: string[] = []
  /** What it has said, of all its lives. */
  log = ''
  /** A folder for what it keeps on disk, such as the queue of file_storage. */
  readonly folder: string
  readonly #path: string
  readonly #file: string
  readonly #removeFolder: () => void
  readonly #watcher: FSWatcher
  readonly #waiters: Waiters = new Waiters(() => `${this.records.length} records. Its log:\n${this.log.slice(-2000)}`)
  #options: CollectorOptions
  #child: ChildProcess | undefined
  #readTo = 0
  #broken = ''

  constructor(path: string, options: CollectorOptions) {
    const folder = makeTempFolder()
    this.#path = path
    this.#options = options
    this.folder = folder.path
    this.#removeFolder = folder.remove
    this.#file = join(folder.path, 'logs.jsonl')
    writeFileSync(this.#file, '')
    this.#watcher = watch(this.#file, () => this.#read())
    process.once('exit', this.#kill)
  }

  /** Where OTLP/HTTP is served, without a path. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.httpPort}`
  }

  /** Starts it, again after `kill` or `stop`: on the same ports, with the same disk. @param options new ones from now on */
  async start(options: CollectorOptions = this.#options): Promise<void> {
    this.#options = options
    if (this.httpPort !== 0) return this.#start()
    for (let tries = 1; ; tries++) {
      ;[this.httpPort, this.grpcPort] = await freePorts()
      try {
        return await this.#start()
      } catch (error) {
        // Somebody else was given the port since.
        if (tries === 5 || !String(error).includes(IN_USE)) throw error
      }
    }
  }

  /** Resolves when the file exporter has written so many records. */
  waitForRecords(count: number, timeoutMillis: number = WAIT_MILLIS): Promise<void> {
    return this.#waiters.wait(() => this.records.length >= count, timeoutMillis, `${count} records`)
  }

  /** Resolves when it has said this, of all its lives. */
  waitForLog(text: string, timeoutMillis: number = WAIT_MILLIS): Promise<void> {
    return this.#waiters.wait(() => this.log.includes(text), timeoutMillis, `\`${text}\` in its log`)
  }

  /** SIGKILL, as a crash. Resolves when it is gone. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  /** SIGTERM: it sends what it holds and ends. Resolves when it is gone, and the file is whole. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    this.#read()
  }

  async close(): Promise<void> {
    await this.kill()
    process.off('exit', this.#kill)
    this.#watcher.close()
    this.#waiters.close()
    this.#removeFolder()
  }

  async #start(): Promise<void> {
    const configs = [...(this.#options.files ?? []), JSON.stringify(this.#config())]
    const args = configs.flatMap((text, index) => {
      const path = join(this.folder, `collector-${index}.yaml`)
      writeFileSync(path, text)
      return ['--config', path]
    })
    const child = spawn(this.#path, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child = child
    let said = ''
    let ended = false
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      this.log += text
      this.#waiters.changed()
    })
    child.once('close', () => {
      ended = true
      this.#waiters.changed()
    })
    await this.#waiters.wait(() => ended || said.includes(READY), WAIT_MILLIS, 'a Collector that is ready')
    if (ended) throw new Error(`The Collector ended at its start:\n${said.slice(-2000)}`)
  }

  #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      child.once('close', () => resolve())
      child.kill(signal)
    })
  }

  #kill = (): void => void this.#child?.kill('SIGKILL')

  #config(): object {
    const { files, http = {}, grpc = {}, processors = {}, extensions = {} } = this.#options
    const file = { path: this.#file, append: true, flush_interval: '10ms' }
    const exporters = this.#options.exporters ?? (files === undefined ? { file } : {})
    const protocols = {
      http: { endpoint: `127.0.0.1:${this.httpPort}`, ...http },
      grpc: { endpoint: `127.0.0.1:${this.grpcPort}`, ...grpc },
    }
    const logs = { receivers: ['otlp'], processors: Object.keys(processors), exporters: Object.keys(exporters) }
    return {
      receivers: { otlp: { protocols } },
      processors,
      exporters,
      extensions,
      service: {
        ...(files === undefined && { extensions: Object.keys(extensions), pipelines: { logs } }),
        // Its own metrics would have a port.
        telemetry: { metrics: { level: 'none' } },
      },
    }
  }

  /** Reads on where it stopped; a line that is not whole yet waits for its rest. */
  #read(): void {
    const file = openSync(this.#file, 'r')
    const chunk = Buffer.alloc(1 << 20)
    try {
      for (let bytes; (bytes = readSync(file, chunk, 0, chunk.length, this.#readTo)) > 0;) {
        this.#readTo += bytes
        this.#broken += chunk.toString('latin1', 0, bytes)
      }
    } finally {
      closeSync(file)
    }
    const lines = this.#broken.split('\n')
    this.#broken = lines.pop() ?? ''
    for (const line of lines) {
      const { message, problems } = decodeRequest(Buffer.from(line, 'latin1'), 'json')
      if (message !== undefined) this.records.push(...flattenRecords(message, 0))
      this.problems.push(...problems)
    }
    if (lines.length > 0) this.#waiters.changed()
  }
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const
  const [http, grpc] = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return [http!, grpc!]
}
