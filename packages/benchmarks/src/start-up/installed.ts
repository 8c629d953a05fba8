// What an installation brings: the packages that a package needs, directly or not, and their bytes; without those that are
// there for the logger's sake. Read from this workspace's own node_modules, by the rules that Node finds packages by.

import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

const PACKAGE_FOLDER = join(import.meta.dirname, '../..')
const ROOT = join(PACKAGE_FOLDER, '../..')

interface Manifest {
  name: string
  version: string
  dependencies?: Record<string, string>
  files?: string[]
}

export interface Installed {
  packages: number
  bytes: number
}

/** @param names what a user installs, @param beside what is there without it */
export function installedBy(names: readonly string[], beside: readonly string[]): Installed {
  const before = closureOf(beside)
  const added = [...closureOf(names)].filter(([id]) => !before.has(id))
  return { packages: added.length, bytes: added.reduce((sum, [, folder]) => sum + bytesOf(folder), 0) }
}

/** Folders, by name and version. */
function closureOf(names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (name: string, from: string): void => {
    const folder = folderOf(name, from)
    const { version, dependencies = {} } = manifestOf(folder)
    const id = `${name}@${version}`
    if (found.has(id)) return
    found.set(id, folder)
    for (const dependency of Object.keys(dependencies)) visit(dependency, folder)
  }
  for (const name of names) visit(name, PACKAGE_FOLDER)
  return found
}

function folderOf(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(candidate)) return realpathSync(candidate)
    if (folder === dirname(folder)) throw new Error(`${name} is not installed, seen from ${from}`)
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Of a package of this workspace, only what is published. */
function bytesOf(folder: string): number {
  const isOurs = !folder.includes('node_modules')
  if (!isOurs) return bytesBelow(folder)
  const { files = [] } = manifestOf(folder)
  const published = [...files, 'package.json'].map((name) => join(folder, name))
  return [...published, join(ROOT, 'README.md'), join(ROOT, 'LICENSE')].reduce((sum, path) => sum + bytesBelow(path), 0)
}

function bytesBelow(path: string): number {
  if (!existsSync(path)) return 0
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.size
  const names = readdirSync(path).filter((name) => name !== 'node_modules')
  return names.reduce((sum, name) => sum + bytesBelow(join(path, name)), 0)
}
