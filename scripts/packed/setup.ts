// Packs the public packages once, before the tests in this folder: they install what a user would get from npm.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export default function packPublicPackages(): void {
  const folder = mkdtempSync(join(tmpdir(), 'otlp-logs-packed-'))
  process.env['PACKED_FOLDER'] = folder
  for (const name of ['core', 'pino-otlp', 'winston-otlp']) {
    const destination = join(folder, name)
    execFileSync('pnpm', ['pack', '--pack-destination', destination], {
      cwd: resolve('packages', name),
      shell: process.platform === 'win32',
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 60_000,
    })
    const [tarball = ''] = readdirSync(destination)
    renameSync(join(destination, tarball), join(folder, `${name}.tgz`))
  }
}
