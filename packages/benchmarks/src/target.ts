// What is asked of this library, a ratio or a bound, and what was measured.

import { median, spread } from './samples.ts'

export interface Target {
  /** A sentence with the bound in it. */
  text: string
  /** What was measured, in words; empty where nothing was. */
  measured: string
  /** `undefined` where it was not measured. */
  isMet: boolean | undefined
}

export function atLeast(text: string, measured: readonly number[], bound: number, unit = ''): Target {
  return target(text, measured, (value) => value >= bound, unit)
}

export function atMost(text: string, measured: readonly number[], bound: number, unit = ''): Target {
  return target(text, measured, (value) => value <= bound, unit)
}

function target(text: string, measured: readonly number[], holds: (value: number) => boolean, unit: string): Target {
  return {
    text,
    measured: `${spread(measured)}${measured.length > 0 ? unit : ''}`,
    isMet: measured.length > 0 ? holds(median(measured)) : undefined,
  }
}
