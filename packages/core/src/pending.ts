// Records that were appended and not yet committed: they wait, and nobody may send them.
// Caller: journal.ts.

import type { Run } from './slab.ts'

/** Never changed: most often there is only one, and a list that grows has room for many. */
const NONE: Run[] = []

export class Pending {
  #runs = NONE
  #count = 0
  #bytes = 0

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  append(run: Run): void {
    const last = this.#runs.at(-1)
    if (last !== undefined && last.slab === run.slab && last.end === run.start && last.scopeId === run.scopeId) {
      last.end = run.end
      last.count += run.count
    } else if (last === undefined) this.#runs = [{ ...run }]
    else this.#runs.push({ ...run })
    this.#count += run.count
    this.#bytes += run.end - run.start
  }

  /** All of them, oldest first; none is left. */
  takeAll(): Run[] {
    const runs = this.#runs
    this.#runs = NONE
    this.#count = 0
    this.#bytes = 0
    return runs
  }
}
