// One contender's process: a logger with its transport, logging as it is told. It runs beside nothing else, so that the
// CPU time of the process, all threads, is the logger's.

import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Outlet } from '../set-up/outlet.ts'
import { SHAPES } from '../shapes.ts'
import { timeCalls } from './calls.ts'
import type { AppPlan, Calls, Command, Logged, Usage } from './commands.ts'
import { Meter } from './meter.ts'

const plan = JSON.parse(process.argv[2]!) as AppPlan
const { default: setUp } = (await import(`../set-up/${plan.setUp}.ts`)) as { default(given: AppPlan['given']): Outlet }
const outlet = setUp(plan.given)
const { fields, message } = SHAPES[plan.shape]
const meter = new Meter(outlet)

/** Between two looks at the clock, in milliseconds. */
const PACE_MILLIS = 10
/** Lines between two turns of the event loop. */
const FLOOD_LINES = 256
/** For what a worker or the network has under way after a warm-up; no longer than that took. */
const MAX_REST_MILLIS = 300

let next = 0
let counted = 0

function log(seq: number): void {
  if ('pino' in outlet) outlet.pino.info(fields(seq), message(seq))
  else outlet.winston.info(message(seq), fields(seq))
}

function logNext(): void {
  log(next++)
}

function logMany(count: number): void {
  for (let i = 0; i < count; i++) logNext()
}

function within(act: () => void): void {
  if (outlet.within === undefined) act()
  else outlet.within(act)
}

async function pace(perSecond: number, millis: number, line: () => void): Promise<void> {
  const startedAt = performance.now()
  for (let done = 0; ; await pause(PACE_MILLIS)) {
    const passed = Math.min(millis, performance.now() - startedAt)
    const due = Math.floor((passed * perSecond) / 1000)
    within(() => {
      for (; done < due; done++) line()
    })
    if (passed >= millis) return
  }
}

/** By what the transport offers for it, or by pino, which asks its worker. */
async function flush(): Promise<unknown> {
  if (outlet.flush !== undefined || !('pino' in outlet)) return outlet.flush?.()
  const { pino } = outlet
  return new Promise<void>((resolve) => pino.flush(() => resolve()))
}

/** What is logged by `act`, and when. */
async function logged(act: () => void | Promise<void>, isFlushed = true): Promise<Logged> {
  const first = next
  const startedAt = Date.now()
  await act()
  const endedAt = Date.now()
  if (isFlushed) void flush()
  return { first, count: next - first, startedAt, endedAt }
}

async function warm(perSecond: number, millis: number): Promise<void> {
  let lines = 0
  await pace(perSecond, millis, () => {
    lines++
    log(-1)
  })
  counted += lines
  await outlet.flush?.()
  await pause(Math.min(MAX_REST_MILLIS, millis))
}

/** For a stream that counts, which has no end to wait for but its count. */
async function allCounted(): Promise<{ at: number }> {
  while (outlet.counted !== undefined && outlet.counted() < counted + next) await pause(1)
  return { at: Date.now() }
}

async function obey(command: Command): Promise<Logged | Calls | Usage | { at: number } | undefined> {
  switch (command.do) {
    case 'warm':
      await warm(command.perSecond, command.millis)
      return undefined
    case 'pace':
      return logged(() => pace(command.perSecond, command.millis, logNext), command.withoutFlush !== true)
    case 'burst':
      return logged(() => within(() => logMany(command.count)))
    case 'flood':
      return logged(async () => {
        for (let left = command.count; left > 0; left -= FLOOD_LINES) {
          within(() => logMany(Math.min(FLOOD_LINES, left)))
          await nextTurn()
        }
      })
    case 'calls':
      return timeCalls({ log: logNext, within, perSecond: command.perSecond, millis: command.millis })
    case 'begin':
      meter.begin()
      return undefined
    case 'usage':
      return meter.usage()
    case 'counted':
      return allCounted()
    case 'exit':
      await outlet.flush?.()
      // At 'exit' pino waits for its worker.
      return process.exit(0)
  }
}

process.on('message', (command: Command & { id: number }) => {
  void obey(command).then((answer) => process.send?.({ ...answer, id: command.id }))
})
process.on('disconnect', () => process.exit(0))
await outlet.ready?.()
process.send?.({ readyMillis: performance.now() })
