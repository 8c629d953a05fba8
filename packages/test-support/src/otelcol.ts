// Where the OpenTelemetry Collector of the tests is, in this order: OTELCOL_BIN; the one that was built from otelcol.yaml
// into .toolchain/, which git ignores; `otelcol` or `otelcol-contrib` on the PATH. Where there is none, it is built, which
// takes Go and some minutes. Whatever stands in the way is an Error whose message says what to do in its first line.
// Called by collector.ts, and by build-otelcol.ts, which `npm test` runs first.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'

const HERE = typeof __dirname === 'string' ? __dirname : import.meta.dirname
const TOOLCHAIN = join(HERE, '../../../.toolchain')
const BUILDER = 'go.opentelemetry.io/collector/cmd/builder'
const EXECUTABLE = process.platform === 'win32' ? '.exe' : ''

/** What the tests need beyond what every Collector has. */
const COMPONENTS = ['file', 'file_storage', 'health_check', 'kafka', 'load_balancing', 'memory_limiter']

/** The path of a Collector that is there already, or undefined. @throws Error when OTELCOL_BIN does not fit */
export function findOtelcol(): string | undefined {
  const { OTELCOL_BIN, PATH = '' } = process.env
  if (OTELCOL_BIN) {
    const problem = unfit(OTELCOL_BIN)
    if (problem !== undefined) throw new Error(`OTELCOL_BIN=${OTELCOL_BIN} ${problem}`)
    return OTELCOL_BIN
  }
  const built = join(homeOfBuild(readManifest()), `otelcol${EXECUTABLE}`)
  if (existsSync(built)) return built
  const names = ['otelcol', 'otelcol-contrib'].map((name) => name + EXECUTABLE)
  const installed = PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return installed.find((path) => existsSync(path) && unfit(path) === undefined)
}

/** As `findOtelcol`, and builds one where there is none. @throws Error when that cannot be done */
export function provideOtelcol(say: (line: string) => void): string {
  return findOtelcol() ?? build(say)
}

function build(say: (line: string) => void): string {
  const manifest = readManifest()
  const home = homeOfBuild(manifest)
  if (run('go', ['version']).status !== 0) {
    throw new Error('there is no Go here. Install Go 1.25 or newer, or set OTELCOL_BIN to an OpenTelemetry Collector')
  }
  const version = /^ {2}version: (.+)$/m.exec(manifest)?.[1]
  say(
    `Building the OpenTelemetry Collector ${version} from Go modules, once, into .toolchain/: this takes some minutes`,
  )
  mkdirSync(TOOLCHAIN, { recursive: true })
  removeOldDrafts()
  const draft = mkdtempSync(join(TOOLCHAIN, '.draft-'))
  try {
    const file = join(draft, 'manifest.yaml')
    writeFileSync(file, manifest.replace(/^dist:$/m, `dist:\n  output_path: ${JSON.stringify(join(draft, 'out'))}`))
    const { status, output } = run('go', ['run', `${BUILDER}@v${version}`, '--config', file], draft)
    if (status !== 0)
      throw new Error(`OpenTelemetry's builder failed:\n${output.trim().split('\n').slice(-20).join('\n')}`)
    for (const old of readdirSync(TOOLCHAIN)) {
      if (old.startsWith('otelcol-')) rmSync(join(TOOLCHAIN, old), { recursive: true, force: true })
    }
    mkdirSync(home, { recursive: true })
    // Last, and in one step: the file is there when it is whole.
    renameSync(join(draft, 'out', `otelcol${EXECUTABLE}`), join(home, `otelcol${EXECUTABLE}`))
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return join(home, `otelcol${EXECUTABLE}`)
}

/** What builds that were killed have left. */
function removeOldDrafts(): void {
  const drafts = readdirSync(TOOLCHAIN).filter((name) => name.startsWith('.draft-'))
  for (const path of drafts.map((name) => join(TOOLCHAIN, name))) {
    if (Date.now() - statSync(path).mtimeMs > 3_600_000) rmSync(path, { recursive: true, force: true })
  }
}

/** Why a Collector cannot be used, or undefined. */
function unfit(path: string): string | undefined {
  const { status, output } = run(path, ['components'])
  if (status !== 0) return 'is no OpenTelemetry Collector'
  const missing = COMPONENTS.filter((name) => !new RegExp(`name: ${name}$`, 'm').test(output))
  return missing.length === 0 ? undefined : `is a Collector without ${missing.join(', ')}`
}

function readManifest(): string {
  return readFileSync(join(HERE, '../otelcol.yaml'), 'utf8')
}

function homeOfBuild(manifest: string): string {
  return join(TOOLCHAIN, `otelcol-${createHash('sha256').update(manifest).digest('hex').slice(0, 12)}`)
}

function run(command: string, args: string[], cwd?: string): { status: number | null; output: string } {
  const options = { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, ...(cwd !== undefined && { cwd }) } as const
  const { status, stdout, stderr }: SpawnSyncReturns<string> = spawnSync(command, args, options)
  return { status, output: `${stdout ?? ''}${stderr ?? ''}` }
}
