// What became of an app and of its lines, and whether that is what the criterion of the fault matrix (../../src/matrix.ts)
// asks for. A verdict is plain data: the app's own account, the receiver's, and what was named as lost on stderr or in
// `stats()`. `violations` judges it; tests call `expectCriterion`, which fails with all that is wrong at once.

import { type AppResult, loggedBy, saidBy, type TallyCount } from '@otlp-logs/test-support'

/** Losses by their names; absent where there were none. */
type Losses = Readonly<Record<string, number>>

export interface Verdict extends Pick<TallyCount, 'delivered' | 'duplicates' | 'mismatches' | 'disordered'> {
  /** Lines that the app logged. */
  logged: number
  /** Lines that were named as lost, by the last word of stderr and of `stats()`. */
  lost: Losses
  code: number | null
  signal: NodeJS.Signals | null
  /** From what the app said as its 'end' to the exit of the process; NaN when it said none. */
  exitMillis: number
  /** Our lines on stderr. */
  ours: string[]
  /** All other lines on stderr, without the name of the app's file and positions in it. */
  theirs: string[]
}

/** What the app said of itself: `stats` of the transport as `sayStats()` writes them. */
interface SaidStats {
  dropped: { total: number } & Record<string, number>
}

/**
 * @param exitedAt `Date.now()` at the exit
 * @param logged how many lines the app logged, where it did not live to say so
 */
export function toVerdict(result: AppResult, tally: TallyCount, exitedAt: number, logged: number): Verdict {
  const { code, signal, stderr } = result
  const { delivered, duplicates, mismatches, disordered } = tally
  const lines = stderr.split('\n').filter((line) => line !== '')
  const ours = lines.filter((line) => OURS.test(line))
  const theirs = lines.filter((line) => !OURS.test(line)).map((line) => line.replaceAll(APP_FILE, '.app'))
  const endAt = saidBy<number>(result, 'end').at(-1) ?? Number.NaN
  return {
    ...{ delivered, duplicates, mismatches, disordered, code, signal, ours, theirs },
    logged: Math.max(logged, loggedBy(result)),
    lost: greatest(lossesSaid(ours), lossesCounted(result)),
    exitMillis: exitedAt - endAt,
  }
}

const OURS = /^(pino|winston)-otlp: /
const APP_FILE = /\.app-[\w-]+\.mjs(:\d+)*/g

/** What lines on stderr name as lost. A line about a reason tells the sum so far, but for the worker's death. */
function lossesSaid(lines: readonly string[]): Losses {
  const losses: Record<string, number> = {}
  const raise = (reason: string, count: number): void => {
    losses[reason] = Math.max(losses[reason] ?? 0, count)
  }
  for (const line of lines) {
    const inAll = /lost in all \((.*)\)/.exec(line)?.[1]
    for (const [, count, reason] of inAll?.matchAll(/(\d+) (\w+)/g) ?? []) raise(reason!, Number(count))
    const notDelivered = /\b(\d+) log records? not delivered/.exec(line)
    if (notDelivered !== null) raise('shutdown', Number(notDelivered[1]))
    const dropped = /log records? dropped \((\w+), (\d+) so far\)/.exec(line)
    if (dropped !== null) raise(dropped[1]!, Number(dropped[2]))
    const died = /the worker has died.*?; (\d+) log records? lost/.exec(line)
    if (died !== null) raise('worker_died', (losses['worker_died'] ?? 0) + Number(died[1]))
  }
  return withoutZeros(losses)
}

function lossesCounted(result: AppResult): Losses {
  const { total: _total, ...dropped } = saidBy<SaidStats | null>(result, 'stats').at(-1)?.dropped ?? { total: 0 }
  return withoutZeros(dropped)
}

function withoutZeros(losses: Losses): Losses {
  return Object.fromEntries(Object.entries(losses).filter(([, count]) => count > 0))
}

function greatest(one: Losses, other: Losses): Losses {
  const reasons = new Set([...Object.keys(one), ...Object.keys(other)])
  return Object.fromEntries([...reasons].map((reason) => [reason, Math.max(one[reason] ?? 0, other[reason] ?? 0)]))
}

export interface Expectation {
  /** @default 0, or null with a signal */
  code?: number | null
  /** @default null */
  signal?: NodeJS.Signals | null
  /** Exactly these. @default none */
  lost?: Losses
  /** Whether the process could not know its end, so that what waited is lost without a word. @default false */
  killed?: boolean
  /** At most so many lines came twice. @default 0 */
  maxDuplicates?: number
  /**
   * At most so many lines were named as lost and had arrived all the same: those of a request that was under way when its
   * sender gave it up. @default 0
   */
  maxInFlight?: number
  /** An app without us that does the same: its code, signal and stderr are the measure. */
  without?: Verdict
}

/** Throws an Error that lists all violations, and the verdict. */
export function expectCriterion(verdict: Verdict, expectation: Expectation = {}): void {
  const found = violations(verdict, expectation)
  if (found.length > 0) throw new Error(`${found.join('\n')}\n${JSON.stringify(verdict, null, 2)}`)
}

/** What is wrong, a sentence each; empty when all is as it must be. */
export function violations(verdict: Verdict, expectation: Expectation = {}): string[] {
  const { without, signal = without?.signal ?? null, killed = false, maxDuplicates = 0, maxInFlight = 0 } = expectation
  const { code = without === undefined ? (signal === null ? 0 : null) : without.code, lost = {} } = expectation
  const { logged, delivered, duplicates, mismatches, disordered, ours, theirs } = verdict
  const named = Object.values(verdict.lost).reduce((sum, count) => sum + count, 0)
  const found: string[] = []
  const claim = (holds: boolean, sentence: string): void => {
    if (!holds) found.push(sentence)
  }

  if (killed) claim(delivered <= logged, `${delivered} lines delivered of ${logged} logged`)
  else {
    const missing = logged - delivered - named
    const what = missing > 0 ? `${missing} lost without a name` : `${-missing} named as lost, but delivered`
    claim(
      missing <= 0 && -missing <= maxInFlight,
      `${logged} lines logged, ${delivered} delivered, ${named} named as lost: ${what}`,
    )
    claim(sameText(verdict.lost, lost), `lost: ${textOf(verdict.lost)}, expected ${textOf(lost)}`)
  }
  claim(duplicates <= maxDuplicates, `${duplicates} lines came twice, expected at most ${maxDuplicates}`)
  claim(mismatches === 0, `${mismatches} lines are not what was logged`)
  claim(disordered === 0, `${disordered} lines came after a later one`)
  claim(verdict.code === code, `exit code ${verdict.code}, expected ${code}`)
  claim(verdict.signal === signal, `signal ${verdict.signal}, expected ${signal}`)
  for (const [kind, lines] of Map.groupBy(ours, kindOf)) {
    claim(lines.length === 1, `${lines.length} lines of one kind on stderr: ${kind}`)
  }
  const theirsWithout = without?.theirs.join('\n') ?? ''
  claim(theirs.join('\n') === theirsWithout, `stderr of the app:\n${theirs.join('\n')}\nexpected:\n${theirsWithout}`)
  return found
}

/** Lines of one kind differ in numbers, and in how many were held back. */
function kindOf(line: string): string {
  return line.replace(/ \(and \d+ more like this\)$/, '').replaceAll(/\d+/g, '0')
}

function textOf(losses: Losses): string {
  const named = Object.entries(losses).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return named.length === 0 ? 'nothing' : named.map(([reason, count]) => `${count} ${reason}`).join(', ')
}

function sameText(one: Losses, other: Losses): boolean {
  return textOf(one) === textOf(other)
}
