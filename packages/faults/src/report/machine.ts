// Where and with what was measured.

import { readFileSync } from 'node:fs'
import { arch, cpus, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { CONTENDERS } from '../peers/contenders.ts'
import type { Measured } from './measured.ts'

const PACKAGE_FOLDER = join(import.meta.dirname, '../..')

export function thisMachine(): Measured['machine'] {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
  }
}

/** Versions of the loggers, and of all contenders. */
export function versionsInUse(): Record<string, string> {
  const names = new Set(['pino', 'winston', ...CONTENDERS.flatMap(({ packages }) => packages)])
  return Object.fromEntries(
    [...names].map((name) => {
      const manifest = join(PACKAGE_FOLDER, 'node_modules', name, 'package.json')
      return [name, (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version]
    }),
  )
}
