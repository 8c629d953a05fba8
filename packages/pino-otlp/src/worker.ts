// The worker target: what `transport: { target: 'pino-otlp' }` loads in pino's worker thread. Rules of that place:
// - A throw, an 'error' event or a rejection here would end the app, so a wrong option is said once on stderr, and
//   then nothing is shipped.
// - pino's configuration is listened to, but never relied on: without a logger it never comes.
// - The stream never holds lines back, and closing takes far less than the 10 s after which pino kills the worker.

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { createPipeline, type OtlpOptions, type Pipeline } from 'otlp-logs-core'
import { ALSO_SENT, isAlsoSentHere } from './duplicates.ts'
import { messageKeyOf, PACKAGE } from './host.ts'
import { OtlpStream } from './stream.ts'
import { lostPipeline, settleInWorker } from './worker-options.ts'

/** What `otlpTransport` adds to the options that it gives to its worker. */
interface WorkerLink {
  /** Brings requests, and takes their results. */
  port: MessagePort
  counters: SharedArrayBuffer
  /** Records lost with an earlier worker, which the backend does not know of. */
  workerDied: number
}

/** `otlpTransport` asks: when `received` records have come, flush, or shut down, and answer with the id. */
export interface Request {
  id: number
  what: 'flush' | 'shutdown'
  received: number
}

export const LINK_KEY = '__pinoOtlpLink'

/** pino's transport function. Options as in `OtlpOptions`, without functions. Never throws, never rejects. */
export default async function workerTarget(given: OtlpOptions = {}): Promise<OtlpStream> {
  const { [LINK_KEY]: link, ...options } = given as OtlpOptions & { [LINK_KEY]?: WorkerLink }
  const { settings, warnings, isBroken } = await settleInWorker(options, link !== undefined)
  const host = {
    package: PACKAGE,
    inProcess: false,
    messageKey: messageKeyOf(settings),
    counters: link?.counters,
    workerDied: link?.workerDied || undefined,
  }
  if (settings.closeOnSignals && link === undefined) {
    warnings.push('`closeOnSignals` has no effect in a worker target, as a worker sees no signals: use otlpTransport')
  }
  if (link === undefined && settings.enabled && isAlsoSentHere()) warnings.push(ALSO_SENT)
  const pipeline =
    isBroken && link !== undefined ? lostPipeline(link.counters) : createPipeline(settings, warnings, host)
  const stream = new OtlpStream(settings, pipeline, false)
  const onMessage = (message: unknown): void => void stream.emit('message', message)
  parentPort?.on('message', onMessage)
  if (link !== undefined) answer(link.port, pipeline, stream)
  stream.once('close', () => {
    parentPort?.off('message', onMessage)
    link?.port.close()
  })
  // otlpTransport writes the configuration among its lines.
  if (link === undefined) await firstConfig(stream)
  return stream
}

/**
 * A logger's configuration is posted before its first line is written, but the two come by different ways. It is there at
 * once, or there is no logger: the pause only bounds the wait.
 */
async function firstConfig(stream: OtlpStream): Promise<void> {
  const arrived = new Promise((resolve) => stream.once('message', resolve))
  await Promise.race([arrived, pause(100, undefined, { ref: false })])
  // Those of other loggers come with it.
  await nextTurn()
}

/** Lines come through shared memory, requests through the port: a request waits until its lines are here. */
function answer(port: MessagePort, pipeline: Pipeline, stream: OtlpStream): void {
  let requests: Request[] = []
  const serve = (): void => {
    if (requests.length === 0) return
    const { received } = pipeline.stats()
    const due = requests.filter((request) => request.received <= received)
    requests = requests.filter((request) => request.received > received)
    for (const { id, what } of due) {
      const work = what === 'flush' ? pipeline.forceFlush() : pipeline.shutdown()
      void work.then((result) => port.postMessage({ id, result }))
    }
  }
  stream.onLines = serve
  port.on('message', (request: Request) => {
    requests.push(request)
    serve()
  })
  port.unref()
}
