// The verdict on a round: each sentence that comes back is a promise that was broken. Nothing here knows chance or time.

import { EXIT_CODE } from './app.ts'
import { ALIVE_MILLIS, type Evidence } from './evidence.ts'
import { type ByReason, textOfLosses } from './losses.ts'
import { hasRoom, type Plan } from './plan.ts'

/** What an end may take beyond `closeTimeoutMillis`, on a busy machine. */
const END_SLACK_MILLIS = 5000

export function judge(evidence: Evidence): string[] {
  const { result, plan } = evidence
  if (result === undefined) return ['the app did not end']
  return [
    ...evidence.inheritance,
    ...judgeCounts(evidence),
    ...judgeNames(plan, evidence.losses.byReason),
    ...judgeRecords(evidence),
    ...judgeNotices(evidence),
    ...judgeFlushes(evidence),
    ...judgeEnd(evidence),
    ...judgeStderr(evidence),
  ]
}

/** Logged = delivered + lost, where a line in doubt may be both. */
function judgeCounts(evidence: Evidence): string[] {
  const { plan, logged, arrived, losses } = evidence
  if (plan.end.kind === 'SIGKILL') return judgeKilled(evidence)
  const { delivered, doubtful } = arrived
  const { stats, total, byReason } = losses
  const missing = logged - delivered
  const violations: string[] = []
  if (total < missing || total > missing + doubtful) {
    violations.push(
      `of ${logged} lines ${delivered} arrived (${doubtful} of them in doubt): ${missing} are missing, ` +
        `but ${total} were named as lost (${textOfLosses(byReason)})`,
    )
  }
  if (stats === undefined) return violations
  const { received, adopted, sent, filtered, dropped, waiting } = stats
  const sum = sent + filtered + dropped.total + waiting.records
  // What a worker had on disk when it died was received by it, and is adopted by the next.
  const isAgain = plan.journal !== undefined && plan.steps.some(({ what }) => what === 'terminate')
  if (received + (isAgain ? 0 : adopted) !== sum) violations.push('the stats do not add up')
  if (received !== logged) violations.push(`${logged} lines were logged, but the stats say ${received} were received`)
  if (waiting.records > 0 && plan.journal === undefined)
    violations.push(`${waiting.records} lines still wait when all is over`)
  return violations
}

/** Of a kill nobody can tell what is lost: on the thread of the app nothing, behind a worker only what had not reached it, the end. */
function judgeKilled({ plan, logged, arrived }: Evidence): string[] {
  const { delivered, last } = arrived
  const isInProcess = plan.mode === 'otlpStream' || plan.mode === 'winston'
  if (isInProcess && delivered < logged) {
    return [`of ${logged} lines whose log call had returned ${delivered} arrived after a kill`]
  }
  return delivered === last + 1 ? [] : [`${delivered} lines arrived after a kill, but line ${last} is among them`]
}

/** A loss by a name that nothing in the plan can have caused is wrong, whatever the sum. */
function judgeNames({ options, steps, faults, end, journal }: Plan, byReason: ByReason): string[] {
  const befallen = [...faults.map(({ fault }) => fault), ...(end.fault === undefined ? [] : [end.fault])]
  const may = new Set<string>(befallen.flatMap(({ mayLose }) => mayLose))
  // What waits on disk needs no room, and no time.
  if (!hasRoom(options) && journal === undefined) may.add('queue_full')
  if (steps.some(({ what }) => what === 'terminate')) may.add('worker_died')
  if (end.fault !== undefined && journal === undefined) may.add('shutdown')
  const wrong = Object.entries(byReason).filter(([reason, n]) => n > 0 && !may.has(reason))
  return wrong.map(([reason, n]) => `${n} lines were lost as ${reason}, for which there was no cause`)
}

function judgeRecords({ plan, arrived, problems }: Evidence): string[] {
  const { mismatches, undue, disordered } = arrived
  const violations = problems.slice(0, 3)
  if (mismatches > 0) violations.push(`${mismatches} records are not what was logged`)
  if (undue > 0) violations.push(`${undue} lines came again that had arrived for sure`)
  // What a dead worker left goes out between the lines of the next, and what piled up on disk between those that come.
  const isAside = plan.faults.length > 0 || plan.steps.some(({ what }) => what === 'terminate')
  const mayMix = plan.journal !== undefined && isAside
  if (disordered > 0 && plan.options.concurrency === 1 && !mayMix)
    violations.push(`${disordered} lines came out of order`)
  return violations
}

/** `otlp_logs.dropped` never tells of more than was lost; and of all of it, where the last requests were healthy. */
function judgeNotices({ plan, arrived, losses }: Evidence): string[] {
  const { announcedSurely, announcedInDoubt } = arrived
  const { shutdown = 0, worker_died = 0 } = losses.byReason
  const told = losses.total - shutdown - worker_died
  // The next worker may tell what the last one lost.
  const most = told + worker_died
  if (announcedSurely > most) return [`${announcedSurely} losses were announced, but only ${most} lines were lost`]
  const { mode, end } = plan
  // Behind a worker every end closes; at other ends what is left is posted without a notice.
  const isWorker = mode === 'pino target' || mode === 'otlpTransport'
  const closes = isWorker || end.kind === 'close' || end.kind === 'SIGTERM'
  const announced = announcedSurely + announcedInDoubt
  if (!closes || end.fault !== undefined || worker_died > 0 || announced >= told) return []
  return [`${told} lines were lost, but only ${announced} were announced`]
}

function judgeFlushes({ plan, flushes }: Evidence): string[] {
  // What is on disk is safe.
  if (plan.journal !== undefined) return []
  const early = flushes.filter(({ before, accounted }) => accounted < before)
  return early.map(
    ({ before, accounted }) =>
      `a flush of ${before} lines was complete when ${before - accounted} were still on their way`,
  )
}

function judgeEnd({ plan, result, isAlive, endMillis }: Evidence): string[] {
  const { mode, end, options } = plan
  const violations: string[] = []
  if (isAlive === false) violations.push(`no new line arrived within ${ALIVE_MILLIS} ms after the last fault`)
  const bySignal = end.kind === 'SIGKILL' || (end.kind === 'SIGTERM' && mode !== 'pino target')
  const code = bySignal ? null : end.kind === 'natural end' || end.kind === 'close' ? 0 : EXIT_CODE
  const signal = bySignal ? end.kind : null
  if (result?.code !== code || result.signal !== signal) {
    violations.push(`the app ended with ${result?.code ?? result?.signal}, not with ${code ?? signal}`)
  }
  if (endMillis > options.closeTimeoutMillis + END_SLACK_MILLIS) {
    violations.push(`the end took ${Math.round(endMillis)} ms, with closeTimeoutMillis ${options.closeTimeoutMillis}`)
  }
  return violations
}

/** Only our lines, one of each kind, and in the end the exact numbers. */
function judgeStderr({ plan, result, losses }: Evidence): string[] {
  const lines = (result?.stderr ?? '').split('\n').filter((line) => line !== '')
  const foreign = lines.filter((line) => !/^(?:pino|winston)-otlp: /.test(line))
  const violations = foreign.slice(0, 3).map((line) => `on stderr: ${line}`)
  // Each worker starts anew.
  if (plan.steps.some(({ what }) => what === 'terminate')) return violations
  const kinds = lines.map((line) => line.replaceAll(/(?<!HTTP \d*)\d+/g, 'n'))
  for (const kind of new Set(kinds.filter((each, i) => kinds.indexOf(each) < i))) {
    violations.push(`on stderr more than once: ${kind}`)
  }
  const { stats, byReason, onStderr } = losses
  const [told, lost] = [textOfLosses(onStderr), textOfLosses(byReason)]
  if (stats !== undefined && told !== lost) violations.push(`on stderr are told ${told}, but lost are ${lost}`)
  return violations
}
