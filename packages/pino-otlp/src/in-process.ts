// `otlpStream`: no worker. For bundlers, serverless functions and tests, and wherever one thread is enough.

import { createPipeline, Diagnostics, type OtlpOptions, resolveOptions } from 'otlp-logs-core'
import { ALSO_SENT, isAlsoSent } from './duplicates.ts'
import { messageKeyOf, PACKAGE } from './host.ts'
import { OtlpStream } from './stream.ts'

/**
 * Makes a destination for pino on the app's own thread: `pino({}, otlpStream({ endpoint }))`. Reads the active span when
 * a line is logged. `flush()`, `stats()` and `close()` never reject.
 * @throws TypeError that names option, value and what is expected, when an option is wrong
 */
export function otlpStream(options: OtlpOptions = {}): OtlpStream {
  const { settings, warnings } = resolveOptions(options)
  const lastCall = (): void => stream.endLine()
  const host = { package: PACKAGE, inProcess: true, messageKey: messageKeyOf(settings), lastCall }
  const stream = new OtlpStream(settings, createPipeline(settings, warnings, host), true)
  const { enabled, headers, url, diagnostics: mode, onReport } = settings
  stream.onLogger = (logger) => {
    if (!enabled || !isAlsoSent(logger)) return
    stream.onLogger = undefined
    new Diagnostics({ name: PACKAGE.name, mode, headers, url, onReport }).warn('duplicate', ALSO_SENT)
  }
  return stream
}
