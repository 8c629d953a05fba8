// When records on disk are too old to be worth sending: by the time of their file, found twice, ten minutes of this
// process's own time apart, so that a clock that jumps and comes back costs nothing.

import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'
import type { Lane } from './lane.ts'

export interface ExpiryOptions {
  disk: Disk
  clock: Clock
  maxAgeMillis: number
  lanes(): readonly Lane[]
  /** Gives up the oldest segment of a lane. Throws where it stays. */
  evict(lane: Lane): void
}

const LOOK_MILLIS = 10 * 60_000

export class Expiry {
  readonly #options: ExpiryOptions
  /** Files that were found too old the last time. */
  #suspects = new Set<string>()
  #cancel = (): void => {}

  constructor(options: ExpiryOptions) {
    this.#options = options
    this.#plan()
  }

  close(): void {
    this.#cancel()
  }

  #plan(): void {
    this.#cancel = this.#options.clock.after(LOOK_MILLIS, () => {
      const found = this.#options.lanes().flatMap((lane) => this.#look(lane))
      this.#suspects = new Set(found)
      this.#plan()
    })
  }

  #look(lane: Lane): string[] {
    const suspects: string[] = []
    // Oldest first.
    for (const { path } of [...lane.segments]) {
      if (!this.#isOld(path)) break
      if (!this.#suspects.has(path) || !this.#evicts(lane)) suspects.push(path)
    }
    return suspects
  }

  #evicts(lane: Lane): boolean {
    try {
      this.#options.evict(lane)
      return true
    } catch {
      // It is too old the next time, too.
      return false
    }
  }

  #isOld(path: string): boolean {
    const { disk, maxAgeMillis } = this.#options
    try {
      return Date.now() - disk.stat(path).modifiedUnixMillis > maxAgeMillis
    } catch {
      return false
    }
  }
}
