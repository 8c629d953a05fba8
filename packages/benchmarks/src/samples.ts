// Samples as people read them: the median of the rounds, and the least and the most of them; ratios within each round.

import type { Sample, Values } from './results.ts'

/** A value of a sample, or what is computed of several. */
export type Figure = string | ((values: Values) => number)

export class Samples {
  readonly #samples: readonly Sample[]

  constructor(samples: readonly Sample[]) {
    this.#samples = samples
  }

  /** In the order in which they were measured first. */
  get conditions(): string[] {
    return [...new Set(this.#samples.map(({ condition }) => condition))]
  }

  contenders(condition: string): string[] {
    const those = this.#samples.filter((sample) => sample.condition === condition)
    return [...new Set(those.map(({ contender }) => contender))]
  }

  /** Of each round. */
  values(condition: string, contender: string): Values[] {
    return this.#of(condition, contender).map(({ values }) => values)
  }

  /** By round. */
  figures(condition: string, contender: string, figure: Figure): Map<number, number> {
    return new Map(this.#of(condition, contender).map(({ round, values }) => [round, valueOf(values, figure)]))
  }

  all(condition: string, contender: string, figure: Figure): number[] {
    return [...this.figures(condition, contender, figure).values()].filter((number) => Number.isFinite(number))
  }

  median(condition: string, contender: string, figure: Figure): number {
    return median(this.all(condition, contender, figure))
  }

  /** What `combine` makes of the figures of several contenders, round by round. */
  combined(
    condition: string,
    contenders: readonly string[],
    figure: Figure,
    combine: (...figures: number[]) => number,
  ): number[] {
    const [first, ...others] = contenders.map((contender) => this.figures(condition, contender, figure))
    return [...(first ?? [])].flatMap(([round, value]) => {
      const rest = others.map((figures) => figures.get(round))
      const combined = rest.every((each) => each !== undefined) ? combine(value, ...(rest as number[])) : Number.NaN
      return Number.isFinite(combined) ? [combined] : []
    })
  }

  #of(condition: string, contender: string): Sample[] {
    return this.#samples.filter((sample) => sample.condition === condition && sample.contender === contender)
  }
}

function valueOf(values: Values, figure: Figure): number {
  return typeof figure === 'string' ? (values[figure] ?? Number.NaN) : figure(values)
}

/** NaN of nothing. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** `12.3 (11.9 to 13.0)`; one number where all are the same, nothing where there is none. */
export function spread(numbers: readonly number[]): string {
  if (numbers.length === 0) return ''
  const [least, most] = [rounded(Math.min(...numbers)), rounded(Math.max(...numbers))]
  return least === most ? least : `${rounded(median(numbers))} (${least} to ${most})`
}

/** Three digits, no more; groups of thousands apart. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return ''
  const size = Math.abs(value)
  const text = Number.isInteger(value) || size >= 100 ? value.toFixed(0) : value.toPrecision(size >= 1 ? 3 : 2)
  const plain = text.includes('e') ? Number(text).toFixed(2) : text
  return /^-?\d{5,}$/.test(plain) ? plain.replace(/\B(?=(\d{3})+$)/g, ' ') : plain
}
