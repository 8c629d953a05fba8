// What flush() and close() say while the collector is down or hangs: what is on disk is safe, and is not waited for longer
// than one try takes.

import { type LoggingMode, saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { useBench } from './journal-bench.ts'

const held = useBench()
const LINES = 1000
const MODES: readonly LoggingMode[] = ['otlpTransport', 'otlpStream', 'winston']
/** For a busy machine; it takes some 20 ms. */
const PROMPT_MILLIS = 2000

interface Said {
  flushed: { complete: boolean; waiting: number }
  flushMillis: number
  closed: { complete: boolean; waiting: number } | null
  closeMillis: number
}

function source(mode: LoggingMode): string {
  const close =
    mode === 'winston'
      ? `await new Promise((resolve) => transport.once('finish', () => resolve(null)).end())`
      : 'await transport.close()'
  return `
    log(${LINES})
    const startedAt = performance.now()
    const flushed = await transport.flush()
    const flushMillis = performance.now() - startedAt
    const closed = ${close}
    say('said', { flushed, flushMillis, closed, closeMillis: performance.now() - startedAt - flushMillis })
    sayStats()`
}

test.each(MODES)(
  'F01: of %s flush() and close() are complete after one try while the collector is down, as what waits is on disk',
  async (mode) => {
    const { bench } = held
    await bench.receiver.close()
    const life = bench.start(mode, { source: source(mode) })
    const result = await life.app.done
    const [said] = saidBy<Said>(result, 'said')
    const [stats] = saidBy<object>(result, 'stats')
    figure('F01', `${mode}, a journal`, {
      flushMillis: Math.round(said!.flushMillis),
      closeMillis: Math.round(said!.closeMillis),
    })
    expect(said!.flushed).toEqual({ complete: true, waiting: LINES })
    expect(said!.closed).toEqual(mode === 'winston' ? null : { complete: true, waiting: LINES })
    expect(stats).toMatchObject({ received: LINES, sent: 0, dropped: { total: 0 }, waiting: { records: LINES } })
    expect(said!.flushMillis).toBeLessThan(PROMPT_MILLIS)
    expect(said!.closeMillis).toBeLessThan(PROMPT_MILLIS)
    await bench.reopen()
    await bench.drain()
    expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: LINES, duplicates: 0 })
  },
)

test('F04: flush() is complete when one request has timed out, and close() in its time, as what waits is on disk', async () => {
  const { bench } = held
  bench.receiver.setAnswer({ hang: true })
  const options = { timeoutMillis: 1000, closeTimeoutMillis: 500 }
  const lives = MODES.map((mode) => bench.start(mode, { source: source(mode), options }))
  for (const { app, mode } of lives) {
    const [said] = saidBy<Said>(await app.done, 'said')
    expect({ mode, ...said!.flushed }).toEqual({ mode, complete: true, waiting: LINES })
    expect(said!.flushMillis).toBeLessThan(1000 + PROMPT_MILLIS)
    expect(said!.closeMillis).toBeLessThan(500 + PROMPT_MILLIS)
  }
})
