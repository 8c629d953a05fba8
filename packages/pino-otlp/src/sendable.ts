// What of the options can reach pino's worker: all but functions, and a Resource only as its attributes.
// Wrong options throw here, on the app's thread, where the one who wrote them can see it.

import { locateConfigModule, type OtlpOptions, resolveOptions, type Settings } from 'otlp-logs-core'

export interface Sendable {
  /** To be cloned. */
  options: OtlpOptions
  /** What the app's thread knows of them: not what `configModule` adds in the worker. */
  settings: Settings
}

/** @throws TypeError that names option, value and what is expected */
export function sendableOptions(options: OtlpOptions): Sendable {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'function') continue
    throw new TypeError(
      `Expected \`${name}\` to be left out, got a function: it cannot reach the worker. Give \`configModule\`, a module whose default export has \`${name}\`, or use otlpStream`,
    )
  }
  const { configModule, ...own } = options
  const { settings } = resolveOptions(own)
  refuseSdk(settings)
  // A Resource of the OpenTelemetry SDK has methods and promises, which no worker can be given; its attributes it can.
  const isPlain = typeof (options.resource as { merge?: unknown } | undefined)?.merge !== 'function'
  return {
    options: {
      ...own,
      ...(!isPlain && { resource: { ...settings.resource, ...settings.loki?.moved } }),
      // Absolute: a later worker may find another working directory.
      ...(configModule !== undefined && { configModule: locateConfigModule(configModule) }),
    },
    settings,
  }
}

/** @throws TypeError for what only the app's own thread can do */
export function refuseSdk({ loggerProvider, pipeline }: Settings): void {
  const name = loggerProvider !== undefined ? 'loggerProvider' : pipeline === 'sdk' ? 'pipeline' : undefined
  if (name === undefined) return
  throw new TypeError(
    `Expected \`${name}\` to be left out: an SDK of the app is on its own thread, where no worker can reach it. Use otlpStream`,
  )
}
