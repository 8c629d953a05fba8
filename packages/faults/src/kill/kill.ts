// `npm run kill`: kills of processes that log with a journal, in each mode, and one verdict at the end. Everything but the
// timing comes from one seed, which is printed first.

import { type Arguments, HELP, parseArguments } from './arguments.ts'
import { runCommand } from '../command.ts'
import { judge } from './judge.ts'
import { killLoop, type KillReport } from './loop.ts'
import { commandOf, showTable, showVerdict } from './show.ts'

const TELL_EACH = 100

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

async function main(args: Arguments): Promise<number> {
  print(`seed ${args.seed}: ${commandOf(args)}`, '')
  const reports = await killAll(args)
  print('', ...showTable(reports), '', ...showVerdict(reports))
  return reports.every((report) => judge(report).length === 0) ? 0 : 1
}

await runCommand(parseArguments, HELP, main)
