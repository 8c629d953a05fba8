// Ends that no app wants, in every mode, each beside an app without us: the exit code, the signal and the stack are the
// same, and where the process still has a moment, nothing is lost.

import { LOGGING_MODES, type LoggingMode, type Receiver, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { END, lastCue, LATE, runFaultApp, startFaultApp } from './fault-app.ts'
import { expectCriterion, type Verdict } from './verdict.ts'

let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
})

afterEach(async () => {
  await receiver.close()
  expect(receiver.problems).toEqual([])
})

/** The same app without us; one for all modes of a logger. */
const measures = new Map<string, Promise<Verdict>>()
function measure(mode: LoggingMode, source: string, execArgv: string[] = []): Promise<Verdict> {
  const key = `${mode === 'winston'} ${source}`
  const known = measures.get(key)
  if (known !== undefined) return known
  const { app, verdict } = startFaultApp({ mode, source, execArgv, without: true })
  lastCue(app, 'end')
  measures.set(key, verdict)
  return verdict
}

describe.each(LOGGING_MODES)('%s', (mode) => {
  test.each([
    ['an uncaught exception', `setTimeout(() => { ${END}; throw new TypeError('boom') }, 1)`],
    ['an uncaught exception in the first turn', `${END}; throw new TypeError('boom')`],
    ['an unhandled rejection', `setTimeout(() => { ${END}; void Promise.reject(new TypeError('boom')) }, 1)`],
  ])('F30, B10: %s loses nothing, and ends the app as without us', async (what, end) => {
    const source = `log(1000); ${end}`
    const without = await measure(mode, source)
    const verdict = await runFaultApp({ mode, receiver, source, options: LATE })
    tell(what, verdict)
    expect(without).toMatchObject({ code: 1, signal: null })
    expect(without.theirs.join('\n')).toContain('TypeError: boom\n    at ')
    expectCriterion(verdict, { without })
    expect(verdict).toMatchObject({ logged: 1000, delivered: 1000, ours: [] })
  })

  test.each([
    ['process.abort', 'process.abort()', []],
    ['running out of memory', 'let list; for (;;) list = { list }', ['--max-old-space-size=64']],
  ])('F30: %s ends the app as without us, and what had been sent is there', async (what, end, execArgv) => {
    const source = `log(10); await cue('end'); ${END}; ${end}`
    const without = await measure(mode, source, execArgv)
    const options = { ...LATE, maxExportBatchSize: 10 }
    const { app, verdict } = startFaultApp({ mode, receiver, source, options, execArgv })
    await receiver.waitForRecords(10)
    lastCue(app, 'end')
    const ended = await verdict
    tell(what, ended)
    // Of V8's own words on its end only the cause is the same in any two runs.
    expect(fatalOf(ended)).toEqual(fatalOf(without))
    expect(without).toMatchObject({ code: null, signal: 'SIGABRT' })
    expectCriterion({ ...ended, theirs: without.theirs }, { without, killed: true })
    expect(ended).toMatchObject({ logged: 10, delivered: 10, ours: [] })
  })

  function tell(of: string, { exitMillis, logged, delivered }: Verdict): void {
    figure('F30', `${mode}, ${of}`, { exitMillis: Math.round(exitMillis), lost: logged - delivered })
  }
})

function fatalOf({ theirs }: Verdict): string[] {
  return theirs.filter((line) => line.startsWith('FATAL ERROR'))
}
