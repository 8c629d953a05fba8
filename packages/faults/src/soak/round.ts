// One round: an app in a process of its own, a receiver, and the faults of the plan; it gives what is known of it, for judge.ts.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type App, makeTempFolder, startApp } from '@otlp-logs/test-support'
import { appOf, PRELOAD } from './app.ts'
import { Endpoint, LAST_MILLIS } from './endpoint.ts'
import { ALIVE_MILLIS, type Evidence, evidenceOf } from './evidence.ts'
import { inherit } from './heir.ts'
import { Ledger, now } from './ledger.ts'
import type { Plan } from './plan.ts'

const FOLDER = join(import.meta.dirname, '../..')
const APP_MILLIS = 90_000

/** @param lose a line that is taken for lost, to see the judge fail */
export async function runRound(plan: Plan, lose?: number): Promise<Evidence> {
  const folder = makeTempFolder()
  const file = join(folder.path, 'logged')
  const logged = (): number => Number(readFileSync(file, 'utf8'))
  const endpoint = new Endpoint(new Ledger(lose), plan.options.timeoutMillis)
  await endpoint.open()
  const directory = join(folder.path, 'journal')
  const app = startApp(appOf(plan, endpoint.url, directory), {
    resolveFrom: FOLDER,
    env: { LOGGED_FILE: file },
    execArgv: ['--import', PRELOAD],
    keepInput: true,
    timeoutMillis: APP_MILLIS,
  })
  const kill = (): void => app.kill('SIGKILL')
  process.once('exit', kill)
  try {
    // An app that ends before its time is judged like any other.
    const isAlive = await direct(plan, app, endpoint, logged).catch(() => undefined)
    const result = await app.done.catch(() => undefined)
    const endedAt = now()
    if (plan.end.kind === 'SIGKILL') endpoint.ledger.doubt(endedAt - LAST_MILLIS - stoppedMillis(plan))
    const inheritance = plan.journal === undefined ? [] : await inherit(endpoint, directory)
    return evidenceOf(plan, endpoint, { isAlive, result, endedAt, logged: logged(), inheritance })
  } finally {
    process.off('exit', kill)
    await endpoint.close()
    folder.remove()
  }
}

/** How long it was stopped before its end: what was answered then it may not have read. */
function stoppedMillis({ faults, end }: Plan): number {
  const last = faults.at(-1)
  return last?.fault.deed === 'stop app' ? last.forMillis + end.afterMillis : 0
}

/** Leads the app through the plan, to its end. Gives whether a line from after the last fault arrived. */
async function direct(
  { faults, end }: Plan,
  app: App,
  endpoint: Endpoint,
  logged: () => number,
): Promise<boolean | undefined> {
  const idle = app.stdoutLine(/^idle /)
  // It may be killed before.
  void idle.catch(() => {})
  await app.stdoutLine(/^start /)
  for (const { afterMillis, fault, forMillis } of faults) {
    await wait(afterMillis)
    await endpoint.strike(fault)
    if (fault.deed === 'stop app') app.kill('SIGSTOP')
    await wait(forMillis)
    app.kill('SIGCONT')
    await endpoint.heal()
  }
  if (end.kind === 'SIGKILL') {
    if (end.fault !== undefined) await endpoint.strike(end.fault)
    await wait(end.afterMillis)
    app.kill('SIGKILL')
    return undefined
  }
  await idle
  const isAlive = end.isAwaited ? await endpoint.ledger.arrivesFrom(logged(), ALIVE_MILLIS) : undefined
  if (end.fault !== undefined) await endpoint.strike(end.fault)
  app.write('end\n')
  app.endInput()
  await app.stdoutLine(/^ending /)
  if (end.kind === 'SIGTERM') app.kill('SIGTERM')
  return isAlive
}
