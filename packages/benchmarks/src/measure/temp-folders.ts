// Folders for journals, gone when they were measured, or with the process.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TempFolders {
  next(): string
  remove(): void
}

export function makeTempFolders(): TempFolders {
  const root = mkdtempSync(join(tmpdir(), 'otlp-logs-bench-'))
  const remove = (): void => {
    process.off('exit', remove)
    rmSync(root, { recursive: true, force: true })
  }
  process.once('exit', remove)
  let count = 0
  return {
    remove,
    next() {
      const folder = join(root, String(count++))
      mkdirSync(folder)
      return folder
    },
  }
}
