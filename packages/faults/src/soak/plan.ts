// What one round does, all of it from its seed: which transport with which options, what the app logs, what befalls it
// meanwhile, and how it ends. Only the timing is the machine's.

import { type LoggingMode, LOGGING_MODES } from '@otlp-logs/test-support'
import type { OtlpOptions } from 'pino-otlp'
import { drawFault, type Fault } from './faults.ts'
import { type Random, randomOf } from './random.ts'

export interface Plan {
  seed: number
  round: number
  mode: LoggingMode
  /** With a journal, what the app leaves is delivered by an heir, when all is over. */
  journal: { segmentBytes: number; fsync: 'interval' | 'batch' | 'none' } | undefined
  /** Those of the transport, without the endpoint. */
  options: Options
  /** What the app does, one after the other. */
  steps: Step[]
  /** What befalls it meanwhile, one after the other. */
  faults: { afterMillis: number; fault: Fault; forMillis: number }[]
  end: End
}

type Options = OtlpOptions & Record<'timeoutMillis' | 'closeTimeoutMillis' | 'concurrency', number>

type Step =
  | { what: 'pace'; perSecond: number; millis: number; bytes: number }
  | { what: 'burst'; count: number; bytes: number }
  | { what: 'pause'; millis: number }
  | { what: 'flush'; isAwaited: boolean }
  | { what: 'terminate' }

export interface End {
  kind: 'natural end' | 'process.exit' | 'close' | 'SIGTERM' | 'SIGKILL'
  /** Lines that are logged in the tick of the end. */
  lines: number
  /** With SIGKILL: so long after the last fault. */
  afterMillis: number
  /** What the app meets when it ends; undefined for a healthy receiver. */
  fault: Fault | undefined
  /** Waits, before it ends, for a line from after the last fault. */
  isAwaited: boolean
}

const KIB = 1024
const BYTES = [20, 60, 60, 300, 1500] as const
/** Too many for the small queues, and few enough for a round of some seconds. */
const MOST_LINES_OF_A_BURST = 5000

export function planRound(seed: number, round: number, only?: LoggingMode): Plan {
  const random = randomOf(seed, round)
  const drawn = random.pick(LOGGING_MODES)
  const mode = only ?? drawn
  const timeoutMillis = random.pick([1000, 2000])
  const journal = drawJournal(randomOf(~seed, round))
  const end = drawEnd(random, mode, timeoutMillis, journal?.isKilled ?? false)
  const options = drawOptions(random, timeoutMillis, end)
  const steps = Array.from({ length: random.integer(3, 8) }, () => drawStep(random, mode, end, options))
  const befalling = Array.from({ length: random.integer(1, 4) }, () => ({
    afterMillis: random.integer(0, 600),
    fault: drawFault(random, timeoutMillis),
    forMillis: random.integer(100, 1500),
  }))
  // Who is killed cannot say what it has lost: nothing may be, then.
  const faults = befalling.filter(({ fault }) => end.kind !== 'SIGKILL' || fault.mayLose.length === 0)
  return { seed, round, mode, journal: journal?.options, options, steps, faults, end }
}

/** For four rounds in ten, of which half end with a kill. By a chance of its own, so that rounds without one stay as they were. */
function drawJournal(random: Random): { options: NonNullable<Plan['journal']>; isKilled: boolean } | undefined {
  if (!random.chance(0.4)) return undefined
  const options = {
    segmentBytes: random.pick([64 * KIB, 256 * KIB, 4096 * KIB]),
    fsync: random.pick(['interval', 'interval', 'batch', 'none'] as const),
  }
  return { options, isKilled: random.chance(0.5) }
}

/** Nothing of it is full in a round, so that a loss as `queue_full` would be wrong. */
export function hasRoom({ maxQueueBytes, maxQueueSize }: OtlpOptions): boolean {
  return maxQueueBytes === undefined && maxQueueSize === undefined
}

function drawOptions(random: Random, timeoutMillis: number, end: End): Options {
  const bound = random.pick([
    {},
    {},
    {},
    { maxQueueBytes: 64 * KIB },
    { maxQueueBytes: 512 * KIB },
    { maxQueueSize: 700 },
  ])
  return {
    protocol: random.pick(['http/protobuf', 'http/json']),
    compression: random.pick(['none', 'gzip', 'zstd']),
    timeoutMillis,
    scheduledDelayMillis: random.pick([20, 100, 500]),
    maxExportBatchSize: random.pick([10, 100, 512, 2048]),
    maxExportBatchBytes: random.pick([4 * KIB, 64 * KIB, 1024 * KIB]),
    exportTimeoutMillis: random.pick([300, 2000]),
    closeTimeoutMillis: end.fault === undefined ? 5000 : random.pick([300, 1500, 5000]),
    concurrency: random.pick([1, 1, 2, 3]),
    overflow: random.pick(['drop-oldest', 'drop-newest']),
    closeOnSignals: end.kind === 'SIGTERM',
    ...bound,
  }
}

function drawStep(random: Random, mode: LoggingMode, end: End, { maxExportBatchSize = 1 }: Options): Step {
  const whats = ['pace', 'pace', 'burst', 'pause'] as Step['what'][]
  if (mode !== 'pino target') whats.push('flush')
  // At a signal the counts are not said, and those of dead workers are not on stderr.
  if (mode === 'otlpTransport' && !end.kind.startsWith('SIG')) whats.push('terminate')
  const what = random.pick(whats)
  const bytes = random.pick(BYTES)
  switch (what) {
    case 'pace':
      return { what, perSecond: random.pick([20, 200, 1000]), millis: random.integer(200, 1500), bytes }
    case 'burst':
      return { what, count: random.integer(10, Math.min(MOST_LINES_OF_A_BURST, maxExportBatchSize * 50)), bytes }
    case 'pause':
      return { what, millis: random.integer(10, 800) }
    case 'flush':
      return { what, isAwaited: random.chance(0.7) }
    case 'terminate':
      return { what }
  }
}

function drawEnd(random: Random, mode: LoggingMode, timeoutMillis: number, isKilled: boolean): End {
  const kinds = ['natural end', 'process.exit', 'close', 'SIGTERM'] as End['kind'][]
  // Nothing can be closed there.
  const kind = random.pick(mode === 'pino target' ? kinds.filter((one) => one !== 'close') : kinds)
  const isAwaited = random.chance(0.5)
  const lines = random.pick([0, 1, 20, 2000])
  let fault = random.chance(0.35) ? drawFault(random, timeoutMillis) : undefined
  // Of a process that is stopped there is no end to judge.
  if (fault?.deed === 'stop app') fault = undefined
  const afterMillis = Math.round(lines / 3)
  if (!isKilled) return { kind, lines, afterMillis, fault, isAwaited: isAwaited && fault === undefined }
  if (fault !== undefined && fault.mayLose.length > 0) fault = undefined
  return { kind: 'SIGKILL', lines, afterMillis, fault, isAwaited: false }
}
