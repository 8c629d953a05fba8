// The judge itself: each thing that the criterion forbids is found, and nothing else.

import type { AppResult, TallyCount } from '@otlp-logs/test-support'
import { type Expectation, expectCriterion, toVerdict, type Verdict, violations } from './verdict.ts'

const RESULT: AppResult = { code: 0, signal: null, stdout: 'end 1000\nlogged 10\n', stderr: '', millis: 500 }
const TALLY: TallyCount = { delivered: 10, duplicates: 0, mismatches: 0, disordered: 0, announced: 0, announcements: 0 }

function verdictOf(result: Partial<AppResult> = {}, tally: Partial<TallyCount> = {}, logged = 10): Verdict {
  return toVerdict({ ...RESULT, ...result }, { ...TALLY, ...tally }, 1250, logged)
}

function said(...lines: string[]): Partial<AppResult> {
  return { stderr: lines.map((line) => `${line}\n`).join('') }
}

test('a verdict has the time from the end that the app said to its exit', () => {
  expect(verdictOf().exitMillis).toBe(250)
})

test('what the app itself could not say any more is what its file said', () => {
  expect(verdictOf({ stdout: '' }, {}, 12).logged).toBe(12)
})

test.each([
  ['pino-otlp: 7 log records not delivered to http://a/v1/logs before the end', { shutdown: 7 }],
  ['winston-otlp: 1 log record not delivered to http://a/v1/logs before the end', { shutdown: 1 }],
  [
    'pino-otlp: 7 log records not delivered to http://a/ before the end; 1007 lost in all (1000 queue_full, 7 shutdown)',
    { queue_full: 1000, shutdown: 7 },
  ],
  ['pino-otlp: 1000 log records lost in all (1000 queue_full)', { queue_full: 1000 }],
  ['pino-otlp: 3 log records dropped (rejected, 5 so far): http://a/: HTTP 400', { rejected: 5 }],
  ['pino-otlp: the worker has died (boom); 2 log records lost, another worker starts', { worker_died: 2 }],
  ['pino-otlp: the worker has died; 0 log records lost, another worker starts', {}],
  ['pino-otlp: http://a/: HTTP 503; 12 log records waiting, trying again', {}],
])('%s', (line, lost) => {
  expect(verdictOf(said(line)).lost).toEqual(lost)
})

test('the last count of a loss holds, wherever it was said', () => {
  const lines = said(
    'pino-otlp: 3 log records dropped (queue_full, 3 so far)',
    'pino-otlp: 9 log records dropped (queue_full, 12 so far)',
  )
  const stdout = 'stats {"dropped":{"total":16,"queue_full":15,"rejected":1}}\n'
  expect(verdictOf({ ...lines, stdout }).lost).toEqual({ queue_full: 15, rejected: 1 })
})

const SEVEN_LOST = said('pino-otlp: 7 log records not delivered to http://a/ before the end')
const STACK = said('/app/.app-1-2-3.mjs:12', '    at /app/.app-1-2-3.mjs:12:7')
const STACK_ELSEWHERE = said('/app/.app-4-5-6.mjs:13', '    at /app/.app-4-5-6.mjs:13:7')

test.each<[string, Verdict, Expectation]>([
  ['all delivered', verdictOf(), {}],
  ['the rest named', verdictOf(SEVEN_LOST, { delivered: 3 }), { lost: { shutdown: 7 } }],
  ['its own code', verdictOf({ code: 3 }), { code: 3 }],
  ['its own signal', verdictOf({ code: null, signal: 'SIGTERM' }), { signal: 'SIGTERM' }],
  ['killed before it could say', verdictOf({}, { delivered: 3 }), { killed: true }],
  ['twice where that may be', verdictOf({}, { duplicates: 2 }), { maxDuplicates: 2 }],
  ['one line for each kind', verdictOf(said('pino-otlp: HTTP 503', 'pino-otlp: ECONNRESET')), {}],
  [
    'the end that it has without us',
    verdictOf({ ...STACK, code: 1 }),
    { without: verdictOf({ ...STACK_ELSEWHERE, code: 1 }) },
  ],
])('holds: %s', (_what, verdict, expectation) => {
  expect(violations(verdict, expectation)).toEqual([])
  expect(() => expectCriterion(verdict, expectation)).not.toThrow()
})

test.each<[string, Verdict, Expectation]>([
  ['10 lines logged, 3 delivered, 0 named as lost: 7 lost without a name', verdictOf({}, { delivered: 3 }), {}],
  [
    '10 lines logged, 10 delivered, 7 named as lost: 7 named as lost, but delivered',
    verdictOf(SEVEN_LOST),
    { lost: { shutdown: 7 } },
  ],
  ['lost: 7 shutdown, expected nothing', verdictOf(SEVEN_LOST, { delivered: 3 }), {}],
  ['lost: 7 shutdown, expected 7 queue_full', verdictOf(SEVEN_LOST, { delivered: 3 }), { lost: { queue_full: 7 } }],
  ['11 lines delivered of 10 logged', verdictOf({}, { delivered: 11 }), { killed: true }],
  ['3 lines came twice, expected at most 2', verdictOf({}, { duplicates: 3 }), { maxDuplicates: 2 }],
  ['1 lines are not what was logged', verdictOf({}, { mismatches: 1 }), {}],
  ['1 lines came after a later one', verdictOf({}, { disordered: 1 }), {}],
  ['exit code 1, expected 0', verdictOf({ code: 1 }), {}],
  ['exit code 0, expected 1', verdictOf(), { without: verdictOf({ code: 1 }) }],
  ['signal SIGKILL, expected SIGTERM', verdictOf({ code: null, signal: 'SIGKILL' }), { signal: 'SIGTERM' }],
  [
    '2 lines of one kind on stderr: pino-otlp: HTTP 0',
    verdictOf(said('pino-otlp: HTTP 503', 'pino-otlp: HTTP 503 (and 2 more like this)')),
    {},
  ],
  ['stderr of the app:\nWarning: a leak\nexpected:\n', verdictOf(said('Warning: a leak')), {}],
])('does not hold: %s', (sentence, verdict, expectation) => {
  expect(violations(verdict, expectation)).toEqual([sentence])
  expect(() => expectCriterion(verdict, expectation)).toThrow(sentence)
})
