// How much of the disk a folder takes, looked at again and again while others write to it.

import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const SAMPLE_MILLIS = 10

/** Bytes of all files below. What vanishes meanwhile counts nothing. */
export function bytesIn(folder: string): number {
  let bytes = 0
  for (const name of namesIn(folder)) {
    try {
      const state = lstatSync(join(folder, name))
      if (state.isFile()) bytes += state.size
    } catch {
      // It was removed.
    }
  }
  return bytes
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch {
    return []
  }
}

/** Measures until the function returned is called, which gives the most that it was. */
export function watchUse(folder: string): () => { maxBytes: number; samples: number } {
  const seen = { maxBytes: 0, samples: 0 }
  const look = (): void => {
    seen.maxBytes = Math.max(seen.maxBytes, bytesIn(folder))
    seen.samples++
  }
  const timer = setInterval(look, SAMPLE_MILLIS)
  return () => {
    clearInterval(timer)
    look()
    return seen
  }
}
