// Folders for one test each, below the system's temporary folder. `remove()` ends one; whatever a test forgets or a
// failure skips is removed when the process exits, as are the files that child.ts writes.
// A folder that a test made unreadable is opened again first.

import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TempFolder {
  readonly path: string
  remove(): void
}

export function makeTempFolder(): TempFolder {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'otlp-logs-'))
  return { path, remove: removeAtExit(path) }
}

const leftovers = new Set<string>()

/** Removes the file or folder at the latest when this process exits; the function returned does it at once. */
export function removeAtExit(path: string): () => void {
  if (leftovers.size === 0) process.on('exit', removeLeftovers)
  leftovers.add(path)
  return () => {
    leftovers.delete(path)
    if (leftovers.size === 0) process.off('exit', removeLeftovers)
    try {
      chmodSync(path, 0o700)
    } catch {
      // It is gone already.
    }
    rmSync(path, { recursive: true, force: true })
  }
}

function removeLeftovers(): void {
  for (const path of leftovers) rmSync(path, { recursive: true, force: true })
}
