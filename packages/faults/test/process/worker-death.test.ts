// The death of pino's worker, in which the transport lives: by its own hand, by memory, by the app's.

import { join } from 'node:path'
import { type Receiver, saidBy, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { askWorker, END, lastCue, LATE, runFaultApp, startFaultApp } from './fault-app.ts'
import { expectCriterion, type Verdict } from './verdict.ts'

const DEATHS = [
  ['exits with 0', askWorker('exits with 0')],
  ['exits with 1', askWorker('exits with 1')],
  ['throws', askWorker('throws')],
  ['leaves a rejection unhandled', askWorker('leaves a rejection unhandled')],
  ['runs out of memory', askWorker('runs out of memory')],
  ['is terminated', 'void workers[0].terminate()'],
] as const

/** The worker there is, and those that follow. */
const WORKERS = `
  const { once } = await import('node:events')
  const workers = []
  process.on('worker', (worker) => workers.push(worker))
  // A worker keeps no app alive.
  const alive = setInterval(() => {}, 1000)`

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(async () => {
  await receiver.close()
  expect(receiver.problems).toEqual([])
})

describe('otlpTransport', () => {
  test.each(DEATHS)(
    'F31, B10: its worker %s: the app lives, the loss is counted, another worker starts within 1 s and delivers',
    async (death, kill) => {
      const { app, verdict } = startFaultApp({
        mode: 'otlpTransport',
        receiver,
        faultyWorker: true,
        options: LATE,
        source: `${WORKERS}
          log(5)
          await transport.flush()
          log(7)
          const gone = once(workers[0], 'exit').catch(() => {})
          ${kill}
          await gone
          const goneAt = performance.now()
          while (workers.length < 2) {
            await new Promise((resolve) => setTimeout(resolve, 20))
            log(1)
          }
          say('replaced after', performance.now() - goneAt)
          log(3)
          await transport.flush()
          sayStats()
          await transport.close()
          clearInterval(alive)`,
      })
      const ended = await verdict
      const result = await app.done
      const [restartMillis] = saidBy<number>(result, 'replaced after')
      tell(death, ended, restartMillis)
      expectCriterion(ended, { lost: { worker_died: ended.logged - ended.delivered } })
      // Seven waited; what was logged while there was no worker is lost, too.
      expect(ended.lost['worker_died']).toBeGreaterThanOrEqual(7)
      expect(saidBy(result, 'stats')).toMatchObject([{ received: ended.logged, sent: ended.delivered }])
      expect(arrivedBefore(5)).toBe(5)
      expect(arrivedBefore(12)).toBe(5)
      expect(receiver.records.at(-1)!.attributes['seq']).toBe(ended.logged - 1)
      expect(restartMillis).toBeLessThanOrEqual(1000)
    },
  )

  test('F31: of what was on its way when the worker died, nothing is missing that is not counted', async () => {
    const { app, verdict } = startFaultApp({
      mode: 'otlpTransport',
      receiver,
      options: { maxExportBatchSize: 50 },
      source: `${WORKERS}
        const logging = pace(2000, 3000)
        await cue('end')
        await workers[0].terminate()
        await logging
        await transport.flush()
        sayStats()
        await transport.close()
        clearInterval(alive)`,
    })
    await receiver.waitForRecords(500)
    lastCue(app, 'end')
    const ended = await verdict
    const missing = ended.logged - ended.delivered
    const counted = ended.lost['worker_died'] ?? 0
    tell('is terminated at 2000 lines a second', ended)
    expect(missing).toBeGreaterThan(0)
    expect(counted).toBeGreaterThanOrEqual(missing)
    // The answer to one request may have been on its way.
    expect(counted - missing).toBeLessThanOrEqual(50)
    expectCriterion({ ...ended, lost: { worker_died: missing } }, { lost: { worker_died: missing } })
  })

  test.each([
    ['another has taken its place', 'while (workers.length < 2) { await pause(20); log(1) }; await transport.close()'],
    ['none has taken its place', 'log(20)'],
    ['none has taken its place, at process.exit', 'log(20); process.exit(0)'],
  ])('F31: all that is lost with a worker is on stderr by the end, where %s', async (what, end) => {
    const source = `${WORKERS}
      const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis))
      log(5)
      await transport.flush()
      log(7)
      await workers[0].terminate()
      await pause(1)
      clearInterval(alive)
      ${end}`
    const verdict = await runFaultApp({ mode: 'otlpTransport', receiver, options: LATE, source })
    tell(`stderr, ${what}`, verdict)
    expectCriterion(verdict, { lost: { worker_died: verdict.logged - verdict.delivered } })
    expect(verdict.lost['worker_died']).toBeGreaterThan(7)
  })

  test('F31: a worker that is dead when the app calls process.exit, unknown to it, takes nothing but time', async () => {
    const source = `${WORKERS}
      log(5)
      await transport.flush()
      log(7)
      ${askWorker('exits with 0')}
      const until = performance.now() + 500
      while (performance.now() < until);
      ${END}
      process.exit(3)`
    const verdict = await runFaultApp({ mode: 'otlpTransport', receiver, faultyWorker: true, options: LATE, source })
    figure('F31', 'otlpTransport, dead at process.exit', { exitMillis: Math.round(verdict.exitMillis) })
    expectCriterion(verdict, { code: 3, lost: { worker_died: 7 } })
  })

  function tell(death: string, { logged, delivered }: Verdict, restartMillis = Number.NaN): void {
    figure('F31', `otlpTransport, ${death}`, { restartMillis: Math.round(restartMillis), lost: logged - delivered })
  }
})

// thread-stream, on which pino's transports stand, ends the app, or fails at the next line: nothing of ours runs there.
describe('pino target', () => {
  test.each(DEATHS)('F31: its worker %s: the app ends as it does with any transport of pino', async (_death, kill) => {
    const source = `${WORKERS}
      log(5)
      await once(workers[0], 'online')
      await cue('end')
      const gone = once(workers[0], 'exit').catch(() => {})
      ${kill}
      await gone
      setInterval(() => log(1), 20)`
    const end = async (setUp?: string): Promise<Verdict> => {
      const { app, verdict } = startFaultApp({
        mode: 'pino target',
        receiver,
        faultyWorker: true,
        source,
        options: { ...LATE, maxExportBatchSize: 5 },
        ...(setUp !== undefined && { setUp }),
      })
      if (setUp === undefined) await receiver.waitForRecords(5)
      lastCue(app, 'end')
      return verdict
    }
    const any = await end(`
      import pino from 'pino'
      const logger = pino({ base: null }, pino.transport({ target: ${JSON.stringify(join(__dirname, 'swallowing-target.cjs'))} }))`)
    const ended = await end()
    expect(any).toMatchObject({ code: 1, signal: null })
    expectCriterion(ended, { without: any, killed: true })
    expect(ended.delivered).toBe(5)
  })
})

/** How many of the first lines arrived. */
function arrivedBefore(seq: number): number {
  return receiver.records.filter(({ attributes }) => Number(attributes['seq']) < seq).length
}
