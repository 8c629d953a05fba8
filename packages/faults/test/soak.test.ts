// The soak, shortly: that it ends with a clean verdict, that it can end with another, and what its judge takes offence at.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type LoggingMode, LOGGING_MODES } from '@otlp-logs/test-support'
import type { Evidence } from '../src/soak/evidence.ts'
import { judge } from '../src/soak/judge.ts'
import { lossesOf } from '../src/soak/losses.ts'
import { planRound } from '../src/soak/plan.ts'

/** The busiest machine would not take so long for a few rounds. */
const TEST_MILLIS = 180_000
/** Windows cannot stop a process, nor ask it to end. */
const testWithSignals = process.platform === 'win32' ? test.skip : test

const PLAN: Evidence['plan'] = {
  seed: 1,
  round: 1,
  mode: 'otlpStream',
  journal: undefined,
  options: { timeoutMillis: 1000, closeTimeoutMillis: 5000, concurrency: 1 },
  steps: [],
  faults: [],
  end: { kind: 'natural end', lines: 1, afterMillis: 0, fault: undefined, isAwaited: false },
}
const LOGGED = 100

async function soak(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { FORCE_COLOR: _, ...env } = process.env
  const file = join(__dirname, '../src/soak/soak.ts')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    env: { ...env, NO_COLOR: '1' },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

describe('npm run soak', () => {
  testWithSignals(
    'conserves every line through a few rounds of random faults',
    async () => {
      const { code, stdout, stderr } = await soak('--seed', '1292', '--minutes', '0.17')
      expect({ code, stdout, stderr }).toMatchObject({ code: 0, stderr: '' })
      expect(stdout).toMatch(/^seed 1292: npm run soak -- --seed 1292\n/)
      expect(stdout).toContain('conserved: every line was delivered, or lost by name')
    },
    TEST_MILLIS,
  )

  testWithSignals(
    'fails, and says how to repeat it, when a single line is withheld',
    async () => {
      const { code, stdout } = await soak('--seed', '1292', '--round', '4', '--lose', '0')
      expect(code).toBe(1)
      expect(stdout).toMatch(/of \d+ lines \d+ arrived .*: \d+ are missing, but \d+ were named as lost/)
      expect(stdout).toMatch(/npm run soak -- --seed 1292 --round 4\n$/)
    },
    TEST_MILLIS,
  )

  test('says how to go on when an option is wrong', async () => {
    expect(await soak('--mode', 'carrier pigeon')).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage:') })
    expect(await soak('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage:') })
  })
})

describe('planRound', () => {
  test('plans a round by its seed and number alone, and every mode comes', () => {
    const plans = Array.from({ length: 40 }, (_, round) => planRound(1, round))
    expect(JSON.stringify(planRound(1, 17))).toBe(JSON.stringify(plans[17]))
    expect(new Set(plans.map(({ mode }) => mode))).toEqual(new Set(LOGGING_MODES))
    expect(JSON.stringify(planRound(2, 17))).not.toBe(JSON.stringify(plans[17]))
    expect(planRound(1, 17, 'winston').mode).toBe('winston')
  })

  test('F23: gives a share of the rounds a journal, and kills some of these, in which nothing is refused', () => {
    const plans = Array.from({ length: 200 }, (_, round) => planRound(1, round))
    const withJournal = plans.filter(({ journal }) => journal !== undefined)
    const killed = plans.filter(({ end }) => end.kind === 'SIGKILL')
    expect(withJournal.length).toBeGreaterThan(50)
    expect(killed.length).toBeGreaterThan(20)
    expect(killed.filter(({ journal }) => journal === undefined)).toEqual([])
    const befallen = killed.flatMap(({ faults, end }) => [...faults.map(({ fault }) => fault), end.fault])
    expect(befallen.filter((fault) => (fault?.mayLose.length ?? 0) > 0)).toEqual([])
  })
})

describe('judge', () => {
  test('has nothing against a round in which all arrived', () => {
    expect(judge(evidence())).toEqual([])
  })

  test('lets a line be counted as lost that arrived in doubt, and no other', () => {
    const lost = {
      plan: { ...PLAN, options: { ...PLAN.options, maxQueueSize: 5 } },
      losses: dropped({ queue_full: 1 }),
    }
    expect(judge(evidence({ ...lost, arrived: { delivered: 100, doubtful: 1 } }))).toEqual([])
    expect(judge(evidence({ ...lost, arrived: { delivered: 99 } }))).toEqual([])
    expect(judge(evidence({ ...lost, arrived: { delivered: 98, doubtful: 0 } }))).toEqual([
      'of 100 lines 98 arrived (0 of them in doubt): 2 are missing, but 1 were named as lost (1 queue_full)',
    ])
    expect(judge(evidence({ ...lost, arrived: { delivered: 100 } }))).toHaveLength(1)
  })

  test.each<[string, Changes, RegExp]>([
    ['a line that is missing', { arrived: { delivered: 99 } }, /1 are missing, but 0 were named as lost/],
    ['a line that is not what was logged', { arrived: { mismatches: 1 } }, /1 records are not what was logged/],
    ['a line that came again for no reason', { arrived: { undue: 1 } }, /1 lines came again/],
    ['lines out of order', { arrived: { disordered: 1 } }, /out of order/],
    ['more losses announced than there were', { arrived: { announcedSurely: 2 } }, /2 losses were announced/],
    ['a request that is not valid', { problems: ['request 1: method GET'] }, /method GET/],
    [
      'a loss without a cause',
      { arrived: { delivered: 99 }, losses: dropped({ queue_full: 1 }) },
      /1 lines were lost as queue_full, for which there was no cause/,
    ],
    ['a flush that is complete too early', { flushes: [{ before: 9, accounted: 8 }] }, /a flush of 9 lines/],
    ['a receiver that is not asked again', { isAlive: false }, /no new line arrived/],
    ['an end that takes too long', { endMillis: 60_000 }, /the end took 60000 ms/],
    ['an app that does not end', { result: undefined }, /the app did not end/],
    ['another exit code', { result: { code: 1 } }, /the app ended with 1, not with 0/],
    ['a line of others on stderr', { result: { stderr: '(node:1) Warning: x\n' } }, /on stderr: \(node:1\) Warning/],
    [
      'a message that is said again',
      { result: { stderr: 'pino-otlp: http://a: HTTP 503; 1 waiting\npino-otlp: http://a: HTTP 503; 2 waiting\n' } },
      /on stderr more than once: pino-otlp: http:.*HTTP 503; n waiting/,
    ],
  ])('takes offence at %s', (_, changes, expected) => {
    expect(judge(evidence(changes)).join('\n')).toMatch(expected)
  })

  test('F23: lets a kill cost what had not reached a worker, and nothing on the thread of the app', () => {
    const journal = { segmentBytes: 65_536, fsync: 'interval' as const }
    const killed = (mode: LoggingMode, delivered: number, last: number): string[] => {
      const plan = { ...PLAN, mode, journal, end: { ...PLAN.end, kind: 'SIGKILL' as const } }
      return judge(evidence({ plan, arrived: { delivered, last }, result: { code: null, signal: 'SIGKILL' } }))
    }
    expect(killed('otlpStream', 100, 99)).toEqual([])
    expect(killed('otlpStream', 99, 98)).toHaveLength(1)
    expect(killed('otlpTransport', 90, 89)).toEqual([])
    expect(killed('otlpTransport', 90, 90)).toHaveLength(1)
  })

  test('F23: takes offence at an heir that does not deliver the rest', () => {
    expect(judge(evidence({ inheritance: ['the heir did not end'] }))).toEqual(['the heir did not end'])
  })

  test('holds stderr against the stats', () => {
    const stderr =
      'pino-otlp: 7 log records not delivered to http://a before the end; 9 lost in all (2 rejected, 7 shutdown)\n'
    const stats = (shutdown: number): string => `stats ${JSON.stringify(statsOf({ rejected: 2, shutdown }))}\n`
    const fault = { name: 'all refused', mayLose: ['rejected'] as const }
    const plan = { ...PLAN, end: { ...PLAN.end, fault } }
    const of = (shutdown: number): string[] => {
      const losses = lossesOf({ stderr, stdout: stats(shutdown) })
      return judge(evidence({ plan, losses, arrived: { delivered: 98 - shutdown }, result: { stderr } }))
    }
    expect(of(7)).toEqual([])
    expect(of(6)).toEqual(['on stderr are told 2 rejected, 7 shutdown, but lost are 2 rejected, 6 shutdown'])
  })
})

type Changes = Partial<Omit<Evidence, 'arrived' | 'result'>> & {
  arrived?: Partial<Evidence['arrived']>
  result?: Partial<Evidence['result']> | undefined
}

function statsOf(lost: Record<string, number>): NonNullable<Evidence['losses']['stats']> {
  const total = Object.values(lost).reduce((sum, n) => sum + n, 0)
  const none = { adopted: 0, filtered: 0, requests: 1, retries: 0, truncated: 0, waiting: { records: 0, bytes: 0 } }
  return { ...none, received: LOGGED, sent: LOGGED - total, dropped: { total, ...lost } }
}

function dropped(lost: Record<string, number>): Evidence['losses'] {
  const stats = statsOf(lost)
  return { byReason: lost, total: stats.dropped.total, stats, onStderr: lost }
}

/** Of a round in which all went well, but for the changes. */
function evidence(changes: Changes = {}): Evidence {
  const result = { code: 0, signal: null, stdout: '', stderr: '', millis: 1000 }
  const counts = {
    delivered: LOGGED,
    duplicates: 0,
    mismatches: 0,
    disordered: 0,
    announced: 0,
    announcements: 0,
    last: LOGGED - 1,
  }
  return {
    plan: PLAN,
    logged: LOGGED,
    losses: dropped({}),
    flushes: [],
    isAlive: undefined,
    endMillis: 100,
    requests: 1,
    problems: [],
    inheritance: [],
    ...changes,
    arrived: { ...counts, doubtful: 0, undue: 0, announcedSurely: 0, announcedInDoubt: 0, ...changes.arrived },
    result: 'result' in changes && changes.result === undefined ? undefined : { ...result, ...changes.result },
  }
}
