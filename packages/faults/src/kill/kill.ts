// `npm run kill`: kills of processes that log with a journal, in each mode, and one verdict at the end. Everything but the
// timing comes from one seed, which is printed first.

import { type Arguments, HELP, parseArguments } from './arguments.ts'
import { judge } from './judge.ts'
import { killLoop, type KillReport } from './loop.ts'
import { commandOf, showTable, showVerdict } from './show.ts'

const TELL_EACH = 100

for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  process.on(signal, () => process.exit(code))
}
// Whoever read along, such as `head`, has seen enough.
process.stdout.on('error', () => process.exit(1))

function print(...lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

async function killAll({ modes, runs, rate, after, seed, from }: Arguments): Promise<KillReport[]> {
  const reports: KillReport[] = []
  for (const [i, mode] of modes.entries()) {
    const kills = Math.floor(runs / modes.length) + (i < runs % modes.length ? 1 : 0)
    if (kills === 0) continue
    const startedAt = performance.now()
    let killed = 0
    const tell = (): void => {
      if (++killed % TELL_EACH === 0) print(`${mode}: ${from + killed} killed`)
    }
    reports.push(await killLoop({ mode, kills, rate, after, seed, from }, tell))
    print(`${mode}: ${kills} kills in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  }
  return reports
}

async function main(): Promise<number> {
  let args: Arguments
  try {
    args = parseArguments(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  if (args.help) {
    process.stdout.write(HELP)
    return 0
  }
  print(`seed ${args.seed}: ${commandOf(args)}`, '')
  const reports = await killAll(args)
  print('', ...showTable(reports), '', ...showVerdict(reports))
  return reports.every((report) => judge(report).length === 0) ? 0 : 1
}

process.exitCode = await main()
