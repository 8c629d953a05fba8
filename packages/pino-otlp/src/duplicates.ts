// Whether an app's own instrumentation sends the lines of a logger, too, so that each would arrive twice.
// @opentelemetry/instrumentation-pino puts a stream of its own beside the logger's destination. It is known by what it has,
// without its package; whether it sends anything is asked of the Logger in it, which says no while nobody has set up logs.
// Callers: otlpTransport and otlpStream ask of the logger that writes to them. A worker sees no logger, but what was
// preloaded runs in it again, so that it asks of one that is made there.

import { createRequire } from 'node:module'

/** What is said, once. */
export const ALSO_SENT: string =
  'every record arrives twice, as @opentelemetry/instrumentation-pino sends the lines of this logger, too: ' +
  'give it `disableLogSending: true`, or leave this transport out'

interface SendingStream {
  _otelLogger?: { enabled?(): boolean }
  streams?: readonly { stream?: unknown }[]
}

/** @param logger one of pino, or a child of it. Never throws. */
export function isAlsoSent(logger: unknown): boolean {
  try {
    return isSending(streamOf(logger))
  } catch {
    return false
  }
}

/** Whether a logger that is made on this thread would be sent, too: by what was preloaded. Never throws. */
export function isAlsoSentHere(): boolean {
  // Nearly always: nothing of OpenTelemetry was loaded on this thread.
  if (!(Symbol.for('opentelemetry.js.api.1') in globalThis)) return false
  try {
    // Instrumentation changes what `require` gives, in ES modules, too.
    const pino = createRequire(import.meta.url)('pino') as (options: object, stream: object) => unknown
    return isAlsoSent(pino({}, { write() {} }))
  } catch {
    return false
  }
}

/** pino keeps it under a symbol of its own; a child inherits it. */
function streamOf(logger: unknown): unknown {
  for (let at = logger; typeof at === 'object' && at !== null; at = Object.getPrototypeOf(at) as unknown) {
    const symbol = Object.getOwnPropertySymbols(at).find(({ description }) => description === 'pino.stream')
    if (symbol !== undefined) return (at as Record<symbol, unknown>)[symbol]
  }
  return undefined
}

function isSending(stream: unknown): boolean {
  if (typeof stream !== 'object' || stream === null) return false
  const { _otelLogger: logger, streams } = stream as SendingStream
  if (logger !== undefined) return logger.enabled?.() !== false
  return Array.isArray(streams) && (streams as SendingStream['streams'])!.some((entry) => isSending(entry.stream))
}
