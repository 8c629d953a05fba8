// All contenders in all scenarios. What costs no CPU runs side by side, one scenario after the other; the rest alone.

import { CONTENDERS } from './contenders.ts'
import { measure, type Outcome } from './measure.ts'
import { SCENARIOS } from './scenarios.ts'

export async function measurePeers(onOutcome: (outcome: Outcome) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [i, scenario] of SCENARIOS.entries()) {
    const contenders = CONTENDERS.filter(({ plainOnly }) => i === 0 || !plainOnly)
    const one = async (contender: (typeof contenders)[number]): Promise<Outcome> => {
      const outcome = await measure(contender, scenario)
      onOutcome(outcome)
      return outcome
    }
    if (scenario.isQuiet) outcomes.push(...(await Promise.all(contenders.map(one))))
    else for (const contender of contenders) outcomes.push(await one(contender))
  }
  return outcomes
}
