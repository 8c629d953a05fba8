// `npm run soak`: rounds of random faults, one after the other, each judged alone, and one verdict at the end. Everything
// comes from one seed, which is printed first.

import { HELP, parseArguments, type Arguments } from './arguments.ts'
import { runCommand } from '../command.ts'
import { judge } from './judge.ts'
import { planRound } from './plan.ts'
import { runRound } from './round.ts'
import { commandOf, print, type Round, showRound, showTable, showVerdict, showViolations } from './show.ts'

const MINUTE = 60_000

const rounds: Round[] = []

async function soak(args: Arguments): Promise<void> {
  const until = performance.now() + args.minutes * MINUTE
  for (let round = args.round ?? args.from; ; round++) {
    const startedAt = performance.now()
    const evidence = await runRound(planRound(args.seed, round, args.mode), args.lose)
    const done = { evidence, violations: judge(evidence), millis: performance.now() - startedAt }
    rounds.push(done)
    print(showRound(done))
    if (done.violations.length > 0) print(...showViolations(done, args))
    if (args.round !== undefined || performance.now() > until) return
  }
}

async function main(args: Arguments): Promise<number> {
  print(`seed ${args.seed}: ${commandOf(args, '')}`, '')
  await soak(args)
  print('', ...showTable(rounds), '', ...showVerdict(rounds, args))
  return rounds.every(({ violations }) => violations.length === 0) ? 0 : 1
}

await runCommand(parseArguments, HELP, main)
