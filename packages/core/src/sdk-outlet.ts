// Where records are handed over instead of being sent: the LoggerProvider that the app registered or gave, which is its own
// to end, or a stack that we made.

import type { Diagnostics } from './diagnostics.ts'
import { globalLoggerProvider, type LoggerProviderLike } from './logger-provider.ts'
import type { Scope } from './record.ts'
import { createSdkStack } from './sdk-stack.ts'
import type { Settings } from './settings.ts'

export interface SdkOutlet {
  /** For people. */
  readonly where: string
  /** Undefined while there is none. */
  provider(): LoggerProviderLike | undefined
  /** Ends a provider that is not the app's. */
  shutdown?(): Promise<void>
}

/** What is said while no provider is registered. */
export const NO_PROVIDER =
  'no LoggerProvider is registered: call `logs.setGlobalLoggerProvider(provider)` (or start NodeSDK with `logRecordProcessors`) before the first line is logged, or leave `loggerProvider` out to ship without an SDK'

/** @throws TypeError when packages of `pipeline: 'sdk'` are missing */
export function createSdkOutlet(settings: Settings, host: Scope, diagnostics: Diagnostics): SdkOutlet {
  const { loggerProvider } = settings
  if (loggerProvider === 'global') return { where: 'the global LoggerProvider', provider: globalLoggerProvider }
  if (loggerProvider !== undefined) return { where: 'the given LoggerProvider', provider: () => loggerProvider }
  const stack = createSdkStack(settings, `${host.name}/${host.version ?? ''}`, diagnostics)
  return { where: 'the OpenTelemetry SDK', provider: () => stack, shutdown: () => stack.shutdown() }
}
