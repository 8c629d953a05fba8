// The options as pino's worker finds them: with what `configModule` adds, which is loaded here and nowhere else.
// What is wrong with them is said once on stderr, and then nothing is shipped: a throw would end the app, and records that
// a filter was meant to see must not leave without it. Behind otlpTransport they are counted as `hook_failed`.

import {
  Counters,
  Diagnostics,
  type FlushResult,
  importConfigModule,
  type LoadedModule,
  type OtlpOptions,
  type Pipeline,
  type ResolvedOptions,
  resolveOptions,
} from 'otlp-logs-core'
import { PACKAGE } from './host.ts'
import { refuseSdk } from './sendable.ts'

export type WorkerOptions = ResolvedOptions & { isBroken: boolean }

/** What otlpTransport must know on the app's thread, which does not load the module. */
const OF_THE_APP = [
  'enabled',
  'journal',
  'exportTimeoutMillis',
  'closeTimeoutMillis',
  'closeOnSignals',
  'diagnostics',
] as const

/** @param isLinked whether otlpTransport is on the other side. Never rejects. */
export async function settleInWorker(options: OtlpOptions, isLinked: boolean): Promise<WorkerOptions> {
  try {
    const { configModule } = options
    if (configModule === undefined) return sound(resolveOptions(options))
    const { path, options: all } = await importConfigModule(configModule)
    const [loaded, ignored] = isLinked ? withoutThoseOfTheApp(path, all) : [{ path, options: all }, []]
    const resolved = resolveOptions(options, { loaded })
    return sound({ ...resolved, warnings: [...ignored, ...resolved.warnings] })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    new Diagnostics({ name: PACKAGE.name, mode: 'stderr' }).warn('options', `${message}; no logs are sent`)
    return { ...resolveOptions({ enabled: false }, { env: {} }), isBroken: true }
  }
}

function sound(resolved: ResolvedOptions): WorkerOptions {
  refuseSdk(resolved.settings)
  return { ...resolved, isBroken: false }
}

function withoutThoseOfTheApp(path: string, all: LoadedModule['options']): [LoadedModule, warnings: string[]] {
  const names = OF_THE_APP.filter((name) => all[name] !== undefined)
  const options = Object.fromEntries(Object.entries(all).filter(([name]) => !(names as string[]).includes(name)))
  const quoted = names.map((name) => `\`${name}\``).join(', ')
  const warning = `Ignored ${quoted} in \`configModule\` ${path}: otlpTransport needs it beside \`configModule\``
  return [{ path, options }, names.length === 0 ? [] : [warning]]
}

/** Counts, and ships nothing: the app's thread awaits what becomes of its lines. */
export function lostPipeline(buffer: SharedArrayBuffer): Pipeline {
  const counters = new Counters(buffer)
  const lose = (): void => {
    counters.add('received')
    counters.drop('hook_failed')
  }
  const nothing: Promise<FlushResult> = Promise.resolve({ complete: true, waiting: 0 })
  return {
    emit: lose,
    refuse: lose,
    commit() {},
    forceFlush: () => nothing,
    shutdown: () => nothing,
    stats: () => counters.stats(),
  }
}
