// What may befall a round: answers of the receiver, or something done to a process. Each fault says which losses it may
// cause; a loss by any other name is a violation.
// `Fault` is settled by chance when the round is planned, so that it can be told before it happens.

import { type Answer, flattenRecords, type ReceivedRequest } from '@otlp-logs/test-support'
import type { DropReason } from 'pino-otlp'
import { Random } from './random.ts'

/** By the request, and its number since the fault began. */
export type Answering = (request: ReceivedRequest, index: number) => Answer

export interface Fault {
  name: string
  /** What the receiver answers meanwhile. */
  answering?: Answering
  /** What is done to a process meanwhile: the receiver is gone, or takes requests and does nothing; the app is stopped. */
  deed?: 'kill receiver' | 'freeze receiver' | 'stop app'
  mayLose: readonly DropReason[]
}

type Draw = (random: Random, timeoutMillis: number) => Answer | Answering

const MIB = 1024 * 1024
const RETRY_AFTER = ['0', '1', '-5', 'soon', 'Wed, 21 Oct 2015 07:28:00 GMT'] as const

/** Answers after which nothing may be lost. */
const HARMLESS: Record<string, Draw> = {
  '503': () => ({ status: 503 }),
  '502 and 504': () => (_request, index) => ({ status: index % 2 === 0 ? 502 : 504 }),
  'every other 503': () => (_request, index) => (index % 2 === 0 ? { status: 503 } : {}),
  '429 with Retry-After': (random) => ({ status: 429, headers: { 'retry-after': random.pick(RETRY_AFTER) } }),
  'no answer': () => ({ hang: true }),
  reset: () => ({ reset: 'before-answer' }),
  'reset after receipt': () => ({ reset: 'before-answer', accept: true }),
  'reset in mid-answer': () => ({ reset: 'mid-answer' }),
  '503 after receipt': () => ({ status: 503, accept: true }),
  'slow answers': (_random, timeoutMillis) => ({ delayMillis: timeoutMillis / 4 }),
  'answers too late': (_random, timeoutMillis) => ({ delayMillis: timeoutMillis * 2 }),
  'a trickle': () => ({ trickle: { bytesPerChunk: 1, intervalMillis: 20, totalBytes: 2000 } }),
  'a 5 MiB answer': () => ({ bodyBytes: 5 * MIB }),
  'a gzip bomb': () => ({ gzipBomb: { bytes: 40 * MIB } }),
}

/** Answers by which records are refused for good. */
const REFUSALS: Record<string, { draw: Draw; mayLose: readonly DropReason[] }> = {
  'partial success': { draw: partialSuccess, mayLose: ['rejected'] },
  // The last requests of a process that exits are not parted.
  '413': { draw: tooLarge, mayLose: ['record_too_large', 'rejected'] },
  '400 for some': { draw: poison, mayLose: ['rejected'] },
}

const DEEDS: Record<string, NonNullable<Fault['deed']>> = {
  'receiver killed': 'kill receiver',
  'receiver frozen': 'freeze receiver',
  'app stopped': 'stop app',
}

export function drawFault(random: Random, timeoutMillis: number): Fault {
  const name = random.pick([...NAMES, 'a mix'])
  if (name === 'a mix') return mix(random, timeoutMillis)
  if (name in DEEDS) return { name, deed: DEEDS[name]!, mayLose: [] }
  const { draw = HARMLESS[name]!, mayLose = [] } = REFUSALS[name] ?? {}
  return { name, answering: answeringOf(draw(random, timeoutMillis)), mayLose }
}

const NAMES = [...Object.keys(HARMLESS), ...Object.keys(REFUSALS), ...Object.keys(DEEDS)]

/** Another answer to each request, and success in between. */
function mix(random: Random, timeoutMillis: number): Fault {
  const names = Array.from({ length: 3 }, () => random.pick([...Object.keys(HARMLESS), ...Object.keys(REFUSALS)]))
  const draws = names.map((name) => REFUSALS[name]?.draw ?? HARMLESS[name]!)
  const answerings = draws.map((draw) => answeringOf(draw(random, timeoutMillis)))
  const chance = new Random(random.integer(0, 2 ** 31))
  const answering: Answering = (request, index) => (chance.chance(0.4) ? {} : chance.pick(answerings)(request, index))
  const mayLose = names.flatMap((name) => REFUSALS[name]?.mayLose ?? [])
  return { name: `a mix of ${names.join(', ')}`, answering, mayLose }
}

function answeringOf(drawn: Answer | Answering): Answering {
  return typeof drawn === 'function' ? drawn : () => drawn
}

/** Of each request some are rejected, but never a notice about losses, which comes first. */
function partialSuccess(random: Random): Answering {
  const most = random.integer(1, 5)
  return (request) => ({ partialSuccess: { rejected: Math.min(most, countLines(request)), message: 'too old' } })
}

function tooLarge(random: Random): Answering {
  const limitBytes = random.pick([2048, 8192, 65_536])
  return ({ rawBody }) => (rawBody.length > limitBytes ? { status: 413 } : {})
}

function poison(random: Random): Answering {
  const chance = new Random(random.integer(0, 2 ** 31))
  return () => (chance.chance(0.3) ? { status: 400, body: 'poison' } : {})
}

function countLines({ message, index }: ReceivedRequest): number {
  if (message === undefined) return 0
  return flattenRecords(message, index).filter(({ eventName }) => eventName === '').length
}
