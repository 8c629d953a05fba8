// What whole-process.ts measures and whole-process-doc.ts tells: rates, and the names of the conditions.

import { withRaisedQueue, WINSTON_BRIDGE, type Contender } from '../contenders.ts'
import { rounded } from '../samples.ts'

/** Lines a second. */
export const RATES = [1000, 5000, 20_000, 50_000, 100_000] as const
/** Where contenders are compared: an app that logs much, on a machine that is not full. */
export const COMPARED_RATE = 20_000
export const HELD_RATE = 100_000
/** Rates that are tried for the highest lossless one. */
export const LADDER: readonly number[] = [
  1000, 2000, 3000, 5000, 7000, 10_000, 14_000, 20_000, 30_000, 50_000, 70_000, 100_000, 140_000, 180_000, 220_000,
  260_000,
]
export const FAR_MILLIS = 20
export const ROUND_TRIPS: readonly number[] = [0, FAR_MILLIS]

export const FULL_SPEED = 'as fast as it can'

export const BRIDGE: Contender = withRaisedQueue(WINSTON_BRIDGE)

export function ofRate(perSecond: number): string {
  return `${rounded(perSecond)} lines/s`
}

export function losslessWith(roundTripMillis: number): string {
  return `highest lossless rate, ${roundTripMillis} ms round trip`
}

export function heldWith(roundTripMillis: number): string {
  return `${ofRate(HELD_RATE)} held, ${roundTripMillis} ms round trip`
}
