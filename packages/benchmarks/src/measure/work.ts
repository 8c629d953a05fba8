// Runs a file of this benchmark to its end, in a process of its own, and gives what it printed.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanEnvironment } from './process.ts'

const SOURCES = join(import.meta.dirname, '..')
const MAX_OUTPUT_BYTES = 2 ** 24

/** @param file below src/ */
export async function runWork<T>(
  file: string,
  args: readonly (string | number)[],
  execArgv: readonly string[] = [],
): Promise<T> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...execArgv, join(SOURCES, file), ...args.map(String)],
    { env: cleanEnvironment(), maxBuffer: MAX_OUTPUT_BYTES },
  )
  return JSON.parse(stdout) as T
}
