// Overwrites memory the moment it may be written again: who still reads it, however late, finds no record there.

import { SlabPool } from '../src/slab-pool.ts'

const prototype = SlabPool.prototype as unknown as { keep(memory: ArrayBuffer): void }

export interface Poison {
  /** How many slabs were overwritten. */
  slabs: number
  /** Ends it. */
  end(): void
}

/** From now on, in all pools. */
export function poisonSlabs(): Poison {
  const { keep } = prototype
  const poison: Poison = { slabs: 0, end: () => void (prototype.keep = keep) }
  prototype.keep = function (this: SlabPool, memory) {
    poison.slabs++
    new Uint8Array(memory).fill(0xff)
    keep.call(this, memory)
  }
  return poison
}
