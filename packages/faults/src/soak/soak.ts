// `npm run soak`: rounds of random faults, one after the other, each judged alone, and one verdict at the end. Everything
// comes from one seed, which is printed first.

import { HELP, parseArguments, type Arguments } from './arguments.ts'
import { judge } from './judge.ts'
import { planRound } from './plan.ts'
import { runRound } from './round.ts'
import { commandOf, print, type Round, showRound, showTable, showVerdict, showViolations } from './show.ts'

const MINUTE = 60_000

const rounds: Round[] = []
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  process.on(signal, () => process.exit(code))
}
// Whoever read along, such as `head`, has seen enough.
process.stdout.on('error', () => process.exit(1))

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
  print(`seed ${args.seed}: ${commandOf(args, '')}`, '')
  await soak(args)
  print('', ...showTable(rounds), '', ...showVerdict(rounds, args))
  return rounds.every(({ violations }) => violations.length === 0) ? 0 : 1
}

process.exitCode = await main()
