// One comparison: the same records both ways, and the first that did not arrive equal. Equal is strict: every field, every
// value and its kind, every digit, and the order of attributes and of the keys in maps.

import { isDeepStrictEqual } from 'node:util'
import type { LogRecordMessage } from '@otlp-logs/test-support'
import * as fc from 'fast-check'
import type { Window } from './row.ts'
import type { SdkRoute } from './sdk-route.ts'
import { RUNS, type Settings, type Source } from './source.ts'
import { sourceArbitrary } from './sources.ts'
import { StandIns } from './stand-in.ts'
import { ROWS, Teller } from './tell.ts'

/** Stack traces are long texts, and tell nothing here. */
Error.stackTraceLimit = 3

/** Records on the wire at a time. */
const BATCH = 250

export type Send = (sources: readonly Source[]) => Promise<LogRecordMessage[]>

/**
 * Sends generated records two ways, in batches, and expects them to arrive equal. Otherwise the first that did not is
 * looked for alone, made as small as it goes, and shown with the seed that brings it again.
 */
export async function expectEqual(one: Send, other: Send, seed: number): Promise<void> {
  const sources = sourcesOf(seed)
  for (let from = 0; from < sources.length; from += BATCH) {
    const batch = sources.slice(from, from + BATCH)
    const index = await firstUnequal(one, other, batch)
    if (index !== -1) await shrink(one, other, { seed, path: String(from + index) })
  }
}

let last: { seed: number; sources: Source[] } | undefined

/** Every comparison has the same. */
function sourcesOf(seed: number): readonly Source[] {
  if (last?.seed !== seed) last = { seed, sources: fc.sample(sourceArbitrary, { seed, numRuns: RUNS }) }
  return last.sources
}

async function firstUnequal(one: Send, other: Send, sources: readonly Source[]): Promise<number> {
  try {
    const [ours, theirs] = await both(one, other, sources)
    return ours.findIndex((record, i) => !isDeepStrictEqual(record, theirs[i]))
  } catch (error) {
    // A record that no receiver can read takes its whole batch with it.
    if (sources.length === 1) return 0
    const half = sources.length >> 1
    const index = await firstUnequal(one, other, sources.slice(0, half))
    if (index !== -1) return index
    const later = await firstUnequal(one, other, sources.slice(half))
    if (later === -1) throw error
    return half + later
  }
}

async function both(
  one: Send,
  other: Send,
  sources: readonly Source[],
): Promise<[LogRecordMessage[], LogRecordMessage[]]> {
  const [ours, theirs] = await Promise.all([one(sources), other(sources)])
  expect(ours).toHaveLength(sources.length)
  expect(theirs).toHaveLength(sources.length)
  return [ours, theirs]
}

async function shrink(one: Send, other: Send, at: { seed: number; path: string }): Promise<never> {
  const arrivesEqual = fc.asyncProperty(sourceArbitrary, async (source) => {
    const [[ours], [theirs]] = await both(one, other, [source])
    expect(ours).toStrictEqual(theirs)
  })
  await fc.assert(arrivesEqual, { ...at, numRuns: RUNS })
  throw new Error(`Records arrived unequal in a batch (${JSON.stringify(at)}), but equal alone`)
}

/** The SDK, told of each record so that it gets it right; and the names of the rows that were needed. */
export function mended(route: SdkRoute, settings: Settings): { send: Send; used: Set<string> } {
  const used = new Set<string>()
  const send: Send = async (sources) => {
    const standIns = new StandIns()
    const teller = new Teller(settings, standIns)
    const tales = sources.map((source) => teller.tell(source))
    const window: Window = { ...settings, from: Date.now(), to: 0 }
    const received = await route.send(tales.map(({ told }) => told))
    window.to = Date.now()
    received.forEach((record, i) => {
      standIns.putBack(record)
      for (const row of ROWS) if (row.received?.(record, tales[i]!.source, window) === true) used.add(row.name)
    })
    for (const name of teller.used) used.add(name)
    return received
  }
  return { send, used }
}
