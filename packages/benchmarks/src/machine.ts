// Where and with what was measured.

import { readFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, totalmem } from 'node:os'
import { join } from 'node:path'
import { PACKAGES } from './contenders.ts'

export interface Machine {
  processor: string
  cores: number
  memoryGib: number
  system: string
  node: string
}

const MODULES = join(import.meta.dirname, '../node_modules')
/** Whose SDK the encoders are compared with: see encode/sdk.ts. */
const ORACLE_MODULES = join(import.meta.dirname, '../../oracle/node_modules')

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()}`,
    node: process.version,
  }
}

export function versionsInUse(): Record<string, string> {
  const entries = PACKAGES.map((name): [string, string] => [name, versionOf(join(MODULES, name))])
  const sdk = versionOf(join(ORACLE_MODULES, '@opentelemetry/sdk-logs'))
  return { ...Object.fromEntries(entries), '@opentelemetry/sdk-logs for encoding': sdk }
}

/** @param folder a package's */
function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}

/** Of the last minute. */
export function loadNow(): number {
  return Math.round(loadavg()[0]! * 10) / 10
}
