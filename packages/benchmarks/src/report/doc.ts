// docs/benchmarks.md: the targets first, then each benchmark with its tables.

import type { Benchmark } from '../benchmark.ts'
import { BENCHMARKS } from '../benchmarks/index.ts'
import type { Result, Results } from '../results.ts'
import { Samples } from '../samples.ts'
import type { Target } from '../target.ts'
import { NOTES } from './notes.ts'
import { table } from './table.ts'

export function renderDoc(results: Results): string {
  const measured = BENCHMARKS.filter(({ name }) => results[name] !== undefined)
  const targets = measured.flatMap((benchmark) => benchmark.targets(new Samples(results[benchmark.name]!.samples)))
  const sections = measured.map(
    (benchmark) => `## ${benchmark.title}\n\n${renderBenchmark(benchmark, results[benchmark.name]!)}`,
  )
  const parts = [
    HEAD,
    METHOD,
    renderSetting(measured.map(({ name }) => results[name]!)),
    '## Targets',
    targets.length > 0 ? table(['Target', 'Measured', 'Met'], targets.map(toRow)) : 'Not measured yet.',
    NOTES,
    ...sections,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

const HEAD = `# Benchmarks

<!-- Written by \`npm run bench\` from packages/benchmarks/results.json. -->

What logging over OTLP costs: this library beside the transports that people use today. Anyone can run it:

\`\`\`sh
npm run bench                        # all of it, in less than ten minutes
npm run bench -- encode burst        # some of it
npm run bench -- whole-process --long   # longer stretches, more rounds
npm run bench:profile whole-process  # where the time goes
\`\`\``

const METHOD = `Every figure is the median of several rounds, with the least and the most of them behind it. In each round everything is measured once, ours and the others one after the other, and ratios are taken within a round: what else the machine did then was the same for both. Absolute figures are of one machine; ratios are what matters.

The receiver runs in a process of its own. It finds the number of each line in the bytes of the request and counts distinct lines, so that a loss stands beside every speed. An app, with one transport, is a process of its own, too. All run with their defaults; Loki's two transports send once a second, as all others do, and the OpenTelemetry SDK's queue is raised where it says so.`

/** A section's text, without its heading. */
export function renderBenchmark(benchmark: Benchmark, result: Result): string {
  const { date, scale, seconds, loadBefore } = result
  const how = scale === 'usual' ? '' : `, with \`--${scale}\``
  const when = `Measured ${date} in ${seconds} s${how}; load of the machine before it: ${loadBefore}.`
  return [benchmark.what, when, ...benchmark.tell(new Samples(result.samples))].join('\n\n')
}

/** Machine and versions: one of each, unless benchmarks were measured apart. */
export function renderSetting(results: readonly Result[]): string {
  const machines = results.map(({ machine: { node, processor, cores, memoryGib, system } }) => {
    return `Node ${node}, ${processor}, ${cores} cores, ${memoryGib} GiB, ${system}.`
  })
  const versions = results.map((result) => {
    return `${Object.entries(result.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}.`
  })
  return [...new Set(machines), ...new Set(versions)].join(' ')
}

function toRow({ text, measured, isMet }: Target): string[] {
  return [text, measured === '' ? 'not measured' : measured, isMet === undefined ? '' : isMet ? 'yes' : '**no**']
}
