// An app for the fault matrix, as source text for child.ts: real pino or real winston with our transport in one of its
// four modes, logging numbered lines, and telling on stdout what it did and what it measured. What the app does is the
// test's own source, in which these are at hand:
//   logger, transport            as a user has them; `transport` is undefined for the plain worker target
//   log(count, bytes)            logs so many lines of about so many bytes, in one tick
//   await pace(perSecond, millis, bytes)   logs evenly
//   await cue(name)              waits for the test's `app.write(name + '\n')`
//   say(name, value)             a line of stdout for `saidBy`; writeSync, so that it survives whatever comes next
//   sayStats()                   says 'stats': the transport's, or null
//   loopDelay()                  starts to measure; the function it returns gives { p50, p99, max } in milliseconds
//   rss()                        resident MiB, after a garbage collection where the app runs with --expose-gc
// Before anything else it says 'start', and with each batch of lines it writes 'logged N' to the file that LOGGED_FILE
// names, so that a killed app's count is known.

import type { AppResult } from './child.ts'
import { textOf } from './tally.ts'

export type LoggingMode = 'pino target' | 'otlpTransport' | 'otlpStream' | 'winston'

export const LOGGING_MODES: readonly LoggingMode[] = ['pino target', 'otlpTransport', 'otlpStream', 'winston']

/** Makes `transport` and `logger`. @param options of the transport, to be written as JSON */
function setUp(mode: LoggingMode, options: string): string {
  switch (mode) {
    case 'pino target':
      return `
        import pino from 'pino'
        const transport = undefined
        const logger = pino({ base: null }, pino.transport({ target: 'pino-otlp', options: ${options} }))`
    case 'winston':
      return `
        import winston from 'winston'
        import { OtlpTransport } from 'winston-otlp'
        const transport = new OtlpTransport(${options})
        const logger = winston.createLogger({ transports: [transport] })`
    default:
      return `
        import pino from 'pino'
        import { ${mode} } from 'pino-otlp'
        const transport = ${mode}(${options})
        const logger = pino({ base: null }, transport)`
  }
}

export interface LoggingAppOptions {
  mode: LoggingMode
  /** Options of the transport. */
  options: object
  /** What the app does: the body of a module. */
  source: string
  /** What makes `transport` and `logger`, instead of the mode: for transports of others. */
  setUp?: string
}

export function loggingApp({ mode, options, source, setUp: own }: LoggingAppOptions): string {
  return `
    import { openSync as __open, writeSync as __write } from 'node:fs'
    import { monitorEventLoopDelay as __monitor } from 'node:perf_hooks'
    ${own ?? setUp(mode, JSON.stringify(options))}

    ${textOf.toString()}
    let __logged = 0
    const __file = process.env.LOGGED_FILE === undefined ? undefined : __open(process.env.LOGGED_FILE, 'w')
    function say(name, value) {
      __write(1, name + ' ' + JSON.stringify(value ?? null) + '\\n')
    }
    function log(count = 1, bytes = 60) {
      for (let i = 0; i < count; i++) {
        const seq = __logged++
        ${mode === 'winston' ? `logger.info('line', { seq, text: textOf(seq, bytes) })` : `logger.info({ seq, text: textOf(seq, bytes) }, 'line')`}
      }
      if (__file !== undefined) __write(__file, String(__logged).padStart(12), 0)
    }
    async function pace(perSecond, millis, bytes = 60) {
      const startedAt = performance.now()
      const first = __logged
      for (;;) {
        const passed = Math.min(millis, performance.now() - startedAt)
        log(Math.floor((passed * perSecond) / 1000) - (__logged - first), bytes)
        if (passed >= millis) return
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
    let __input = ''
    function cue(name) {
      return new Promise((resolve) => {
        const check = () => {
          if (!__input.split('\\n').includes(name)) return
          process.stdin.off('data', onData)
          process.stdin.pause()
          process.stdin.unref?.()
          resolve()
        }
        const onData = (text) => {
          __input += text
          check()
        }
        process.stdin.ref?.()
        process.stdin.setEncoding('utf8').on('data', onData)
        process.stdin.resume()
        check()
      })
    }
    function sayStats() {
      say('stats', transport?.stats?.())
    }
    function loopDelay() {
      const monitor = __monitor({ resolution: 1 })
      monitor.enable()
      return () => {
        monitor.disable()
        // The monitor counts from one timer to the next: its own millisecond is no delay.
        const millis = (nanos) => Math.max(0, nanos / 1e6 - 1)
        return { p50: millis(monitor.percentile(50)), p99: millis(monitor.percentile(99)), max: millis(monitor.max) }
      }
    }
    function rss() {
      globalThis.gc?.()
      return process.memoryUsage.rss() / 1024 / 1024
    }
    process.on('exit', () => say('logged', __logged))
    say('start', Date.now())
    ${source}
  `
}

/** What the app said under a name, in order. */
export function saidBy<T = unknown>({ stdout }: Pick<AppResult, 'stdout'>, name: string): T[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith(`${name} `))
    .map((line) => JSON.parse(line.slice(name.length + 1)) as T)
}

/** How many lines an app logged that lived to its 'exit'. */
export function loggedBy(result: Pick<AppResult, 'stdout'>): number {
  return saidBy<number>(result, 'logged').at(-1) ?? 0
}
