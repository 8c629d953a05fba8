// What a user does with npm: install into an app's folder, and see what has come.

import { execFile } from 'node:child_process'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join, sep } from 'node:path'

/** What is promised for every install; a machine's own settings may make npm say other things. */
export const WARNINGS: RegExp = /ERESOLVE|EBADENGINE|peer/i

/** The packages of this repository as setup.ts packed them: the core and what a logger needs. */
export function ours(name: 'pino-otlp' | 'winston-otlp'): string[] {
  return ['core.tgz', `${name}.tgz`].map((file) => join(process.env['PACKED_FOLDER'] ?? '', file))
}

/** `npm install` of these packages into a folder, made an app if it is not; gives what npm said. */
export function install(folder: string, packages: readonly string[]): Promise<string> {
  if (!readdirSync(folder).includes('package.json')) writeFileSync(join(folder, 'package.json'), '{"private":true}')
  // What npm or pnpm set for their scripts would reach this npm as its settings.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^p?npm_|^INIT_CWD$/i.test(name)))
  const args = ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages]
  const options = { cwd: folder, env, timeout: 120_000, shell: process.platform === 'win32' }
  return new Promise((resolve, reject) => {
    execFile('npm', args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`npm ${args.join(' ')} failed: ${error.message}\n${stdout}`))
      else resolve(stdout + stderr)
    })
  })
}

/** How many packages are installed in a folder, and how many bytes they have. */
export function measure(folder: string): { packages: number; bytes: number } {
  const root = join(folder, 'node_modules')
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
  const inPackage = (path: string): string[] => path.split(`node_modules${sep}`).at(-1)?.split(sep) ?? []
  const isManifest = (path: string): boolean => {
    const parts = inPackage(path)
    return parts.at(-1) === 'package.json' && parts.length === (parts[0]?.startsWith('@') ? 3 : 2)
  }
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return {
    packages: files.filter(isManifest).length,
    bytes: files.reduce((sum, file) => sum + statSync(file).size, 0),
  }
}
