// `npm run bench:profile NAME [OF]`: runs what benchmark NAME is about for some seconds, for the transport or the case OF,
// with Node's own profiler; keeps the profiles (one for each thread), and prints where the time went. They open in Chrome's
// DevTools, in VS Code and in speedscope.
//   --folder FOLDER   for the profiles, instead of a new one in packages/benchmarks/profiles/

import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchmarkOf } from './benchmarks/index.ts'
import { summarize, type SelfTime } from './profile/summary.ts'

const FOLDER = join(import.meta.dirname, '../profiles')
const SHOWN = 25
const SAMPLING_MICROS = 250

const { values, positionals } = parseArgs({ allowPositionals: true, options: { folder: { type: 'string' } } })
const [name, ...words] = positionals
const benchmark = benchmarkOf(name)
const of = words.length === 0 ? undefined : words.join(' ')
if (of !== undefined && !benchmark.profiles.includes(of)) {
  const known = benchmark.profiles.map((each) => `\n  ${each}`).join('')
  throw new TypeError(`Expected one of what ${benchmark.name} can profile, got \`${of}\`:${known}`)
}
const folder = values.folder ?? join(FOLDER, `${benchmark.name}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`)
mkdirSync(folder, { recursive: true })
await benchmark.profile(['--cpu-prof', `--cpu-prof-interval=${SAMPLING_MICROS}`, `--cpu-prof-dir=${folder}`], of)
for (const file of readdirSync(folder)) tell(join(folder, file))

function tell(path: string): void {
  const { busyMillis, functions, files } = summarize(readFileSync(path, 'utf8'))
  process.stdout.write(`\n${path}\n${Math.round(busyMillis)} ms busy\n`)
  process.stdout.write(`\nBy file:\n${shown(files)}\n\nBy function, itself only:\n${shown(functions)}\n`)
}

function shown(times: readonly SelfTime[]): string {
  return times.slice(0, SHOWN).map(line).join('\n')
}

function line({ name: what, millis, percent }: SelfTime): string {
  return `${percent.toFixed(1).padStart(6)} %${millis.toFixed(0).padStart(8)} ms  ${what}`
}
