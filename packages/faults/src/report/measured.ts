// What was measured, as it lies in packages/faults/figures.json: written by `npm run faults:report`, committed, and all
// that docs/delivery.md is made of beside promises.ts.

import type { Figure } from '../figures.ts'
import type { Outcome } from '../peers/measure.ts'

export interface Measured {
  date: string
  machine: { processor: string; cores: number; memoryGiB: number; system: string; node: string }
  /** Of each package that took part. */
  versions: Record<string, string>
  figures: Figure[]
  peers: Outcome[]
}

/** What stands where a figure is missing. docs.test.ts looks for it. */
export const NOT_MEASURED = 'not measured yet'

/** The figures, as sentences need them: a unit with each, the extremes of many. */
export class Figures {
  readonly #figures: readonly Figure[]

  constructor(figures: readonly Figure[]) {
    this.#figures = figures
  }

  of(fault: string): Figure[] {
    return this.#figures.filter((figure) => figure.fault === fault)
  }

  /** @param of only variants with such a name */
  least(fault: string, value: string, of: RegExp = /./): string {
    return this.#tell(fault, value, of, (numbers) => quantity(value, Math.min(...numbers)))
  }

  most(fault: string, value: string, of: RegExp = /./): string {
    return this.#tell(fault, value, of, (numbers) => quantity(value, Math.max(...numbers)))
  }

  /** `41 to 52 ms`, `41 ms to 5.2 s`, or one of them where both are the same. */
  range(fault: string, value: string, of: RegExp = /./): string {
    return this.#tell(fault, value, of, (numbers) => {
      const least = quantity(value, Math.min(...numbers))
      const most = quantity(value, Math.max(...numbers))
      if (least === most) return least
      const unit = / \D+$/.exec(most)?.[0] ?? ''
      return `${unit !== '' && least.endsWith(unit) ? least.slice(0, -unit.length) : least} to ${most}`
    })
  }

  #tell(fault: string, value: string, of: RegExp, tell: (numbers: number[]) => string): string {
    const matching = this.of(fault).filter((figure) => of.test(figure.of))
    // What a test could not measure is NaN, which JSON writes as null.
    const numbers = matching.map(({ values }) => values[value]).filter((number) => typeof number === 'number')
    return numbers.length === 0 ? NOT_MEASURED : tell(numbers)
  }
}

/** A number with the unit that its name ends in. */
export function quantity(name: string, value: number): string {
  if (/millis$/i.test(name)) return value < 1000 ? `${round(value)} ms` : `${round(value / 1000)} s`
  if (name.endsWith('MiB')) return `${round(value)} MiB`
  if (name.endsWith('Micros')) return `${round(value)} µs`
  return round(value)
}

/** Two digits of what is small, none behind the point of what is large, and a space where there are tens of thousands. */
function round(value: number): string {
  const text =
    value === 0 || Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(2)
  return /^\d{5,}$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, ' ') : text
}
