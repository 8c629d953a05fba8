// The part of docs/delivery.md about the transports in use today, beside ours.

import { CONTENDERS, type Contender } from '../peers/contenders.ts'
import type { Outcome } from '../peers/measure.ts'
import { SCENARIOS, type Scenario } from '../peers/scenarios.ts'
import { type Measured, quantity } from './measured.ts'
import { table } from './table.ts'

export function renderPeers({ peers, versions }: Measured): string {
  const measured = SCENARIOS.map((scenario) => ({
    scenario,
    outcomes: peers.filter((outcome) => outcome.scenario === scenario.name),
  }))
  const summary = CONTENDERS.map((contender) => {
    const own = (outcomes: Outcome[]): Outcome | undefined => outcomes.find((one) => one.contender === contender.name)
    return [nameOf(contender, versions), ...measured.map(({ outcomes }) => lostOf(own(outcomes)))]
  })
  const prepared = CONTENDERS.filter(({ plainOnly }) => !plainOnly).map(({ name, prepared: how }) => [name, how])
  const at = SCENARIOS.findIndex((scenario) => scenario.prepared)
  return `Lost, by scenario:

${table(['Transport', ...SCENARIOS.map((_, i) => String(i + 1))], summary)}

${measured.map(({ scenario, outcomes }, i) => renderScenario(i + 1, scenario, outcomes)).join('\n\n')}

What each was given in scenario ${at + 1}:

${table(['Transport', 'Against SIGTERM'], prepared)}`
}

function renderScenario(number: number, { name, what, settles }: Scenario, outcomes: readonly Outcome[]): string {
  const head = ['Transport', 'Lost', 'Doubled', 'On stderr', 'Ended by', 'Exit took']
  const rows = outcomes.map((outcome) => [
    outcome.contender,
    outcome.lost === 0 ? '0' : `${quantity('', outcome.lost)} of ${quantity('', outcome.logged)}`,
    quantity('', outcome.doubled),
    stderrOf(outcome),
    typeof outcome.end === 'number' ? `code ${outcome.end}` : outcome.end,
    outcome.exitMillis === undefined ? '' : quantity('exitMillis', outcome.exitMillis),
    ...(settles ? [outcome.settledMillis === undefined ? '' : quantity('settledMillis', outcome.settledMillis)] : []),
  ])
  const columns = settles ? [...head, 'All there, after the last line'] : head
  return `### ${number}. ${name}\n\n${what}\n\n${table(columns, rows)}`
}

function nameOf({ name, packages, isOurs }: Contender, versions: Record<string, string>): string {
  if (isOurs) return name
  const used = packages.map((each) => `${each} ${versions[each]}`)
  return packages[0] === name
    ? [`${name} ${versions[name]}`, ...used.slice(1)].join(', ')
    : `${name} (${used.join(', ')})`
}

function lostOf(outcome: Outcome | undefined): string {
  if (outcome === undefined) return ''
  const percent = (100 * outcome.lost) / outcome.logged
  if (percent === 0 || percent === 100) return `${percent} %`
  return `${percent.toFixed(1)} %`
}

function stderrOf({ stderr, stderrLines }: Outcome): string {
  if (stderrLines === 0) return 'nothing'
  const quoted = `\`${stderr.replaceAll('`', "'")}\``
  return stderrLines === 1 ? quoted : `${stderrLines} lines: ${quoted}`
}
