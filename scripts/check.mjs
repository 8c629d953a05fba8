// The whole verification, behind `npm test`: every step by name, its output only when it fails, and as the last line
// the counts: each test of jest counts as one, and so does each other step.
// `unit` as argument runs the build and the unit tests only, `unit queue` those whose path contains "queue".

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generatedFiles, lockfileAddresses, machinePaths } from './tidy.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const require = createRequire(import.meta.url)
const scratch = mkdtempSync(join(tmpdir(), 'otlp-logs-check-'))
const STEP_MILLIS = 15 * 60_000
// The Collector has some hundred modules to fetch and to compile.
const BUILD_MILLIS = 45 * 60_000
const total = { passed: 0, failed: 0, skipped: 0 }

let child
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    child?.kill(signal)
    rmSync(scratch, { recursive: true, force: true })
    process.exit(128 + constants.signals[signal])
  })
}

function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const output = []
    // Bounded, as a test that fails may leave a server open, for which jest would wait for ever.
    const bounds = { timeout: STEP_MILLIS, killSignal: 'SIGKILL' }
    child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], ...bounds, ...options })
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', (error) => resolve({ green: false, output: String(error) }))
    child.on('close', (code) => resolve({ green: code === 0, output: Buffer.concat(output).toString() }))
  })
}

/** Runs the JavaScript file behind a tool's command: the same on every platform, without a shell. */
function tool(name, args, { command = name, nodeArgs = [] } = {}) {
  const manifest = join(ROOT, 'node_modules', name, 'package.json')
  const { bin } = require(manifest)
  const script = join(dirname(manifest), typeof bin === 'string' ? bin : bin[command])
  return run(process.execPath, [...nodeArgs, script, ...args])
}

const pnpm = (args, cwd = ROOT) => run('pnpm', args, { cwd, shell: process.platform === 'win32' })

/** One step. It gives `green` and `output`, and `counts` if it stands for more than one check. */
async function step(name, action) {
  const start = Date.now()
  const { green, output = '', counts } = await action()
  const { passed, failed, skipped } = counts ?? { passed: green ? 1 : 0, failed: green ? 0 : 1, skipped: 0 }
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  const tests = counts ? `, ${passed} passed, ${failed} failed, ${skipped} skipped` : ''
  console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${name} (${((Date.now() - start) / 1000).toFixed(1)} s${tests})`)
  if (failed > 0) console.log(output)
}

/** The tests of one of jest's projects. What fails outside a test (a suite that does not load, jest itself) counts too. */
async function jest(project, patterns = [], options = []) {
  const report = join(scratch, `${project}.json`)
  const args = ['--selectProjects', project, '--json', `--outputFile=${report}`, ...options, ...patterns]
  const { green, output } = await tool('jest', args, {
    // Lets `import()` in built CommonJS files work inside jest.
    nodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  })
  const counts = { passed: 0, failed: 0, skipped: 0 }
  try {
    const results = JSON.parse(readFileSync(report, 'utf8'))
    counts.passed = results.numPassedTests
    counts.failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    counts.skipped = results.numPendingTests + results.numTodoTests
  } catch {
    // No report: jest did not get that far, which its exit code says.
  }
  if (!green && counts.failed === 0) counts.failed = 1
  return { green, output, counts }
}

function publicPackages() {
  const folders = readdirSync(join(ROOT, 'packages')).map((name) => join(ROOT, 'packages', name))
  const packages = folders.map((folder) => ({ folder, manifest: require(join(folder, 'package.json')) }))
  return packages.filter(({ manifest }) => !manifest.private)
}

async function checkPackage({ folder, manifest }) {
  const { name, version } = manifest
  const tarball = join(scratch, `${name}-${version}.tgz`)
  await step(`pack ${name}`, () => pnpm(['pack', '--pack-destination', scratch], folder))
  await step(`publint ${name}`, () => tool('publint', ['--strict', tarball]))
  await step(`attw ${name}`, () =>
    tool('@arethetypeswrong/cli', [tarball, '--profile', 'node16', '--no-color'], { command: 'attw' }),
  )
}

/** The tests with the real Collector, where there is one or Go to build it with. COLLECTOR_TESTS=required fails without. */
async function checkCollector() {
  let otelcol
  let why
  const provide = async () => {
    const { green, output } = await run(process.execPath, ['packages/test-support/src/build-otelcol.ts'], {
      timeout: BUILD_MILLIS,
    })
    const lines = output.trim().split('\n')
    if (green) otelcol = lines.at(-1)
    else why = lines.find((line) => line.startsWith('No OpenTelemetry Collector:')) ?? lines.at(-1)
    return { green, output }
  }
  if (process.env.COLLECTOR_TESTS === 'required') await step('OpenTelemetry Collector', provide)
  else await provide()
  if (otelcol === undefined) console.log(`did not run the tests with the Collector. ${why}`)
  else await step('tests with the Collector', () => jest('collector', [], ['--maxWorkers=1']))
}

const finding = (problems) => ({ green: problems.length === 0, output: problems.join('\n') })

/** Skipped where the sources did not come by git. */
function searchGit(search) {
  if (!existsSync(join(ROOT, '.git'))) return { counts: { passed: 0, failed: 0, skipped: 1 } }
  return finding(search(ROOT))
}

async function check(only, patterns) {
  // First, because the tests in packages/*/test and scripts/packed use what users get.
  await step('build', () => pnpm(['run', 'build']))
  if (only !== 'unit') {
    await step('typecheck', () => tool('typescript', ['-p', 'tsconfig.json'], { command: 'tsc' }))
    await step('lint', () => tool('oxlint', ['--deny-warnings', 'packages', 'scripts']))
    await step('format', () => tool('prettier', ['--check', '--log-level', 'warn', '.']))
    await step('unused code and dependencies', () => tool('knip', []))
  }
  await step('unit tests', () => jest('unit', patterns))
  if (only === 'unit') return
  // One file after the other: apps that are timed want the machine for themselves.
  await step('fault matrix', () => jest('faults', [], ['--maxWorkers=1']))
  await checkCollector()
  await step('tests of the packed packages', () => jest('packed'))
  for (const each of publicPackages()) await checkPackage(each)
  await step('lockfile records no download address', () => finding(lockfileAddresses(ROOT)))
  await step('no .npmrc and no machine path in tracked files', () => searchGit(machinePaths))
  await step('no generated output in git', () => searchGit(generatedFiles))
}

try {
  const [only, ...patterns] = process.argv.slice(2)
  if (only !== undefined && only !== 'unit') throw new TypeError(`Expected \`unit\` or no argument, got \`${only}\``)
  await check(only, patterns)
} catch (error) {
  console.log(error)
  total.failed += 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
process.exitCode = total.failed === 0 ? 0 : 1
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
