// docs/delivery.md: what is promised, each promise with the fault that proves it and the figure that was measured.

import { MATRIX } from '../matrix.ts'
import { Figures, type Measured, quantity } from './measured.ts'
import { renderPeers } from './peers-doc.ts'
import { ENDS, MODES, SECTIONS, type Promised } from './promises.ts'
import { table } from './table.ts'

export function renderDeliveryDoc(measured: Measured): string {
  const { date, machine, versions } = measured
  const figures = new Figures(measured.figures)
  const ends = ENDS.map(({ end, cells, provenBy }) => [`${end} (${provenBy.join(', ')})`, ...cells])
  const text = `# Delivery

<!-- Written by \`npm run faults:report\`. The sentences are in packages/faults/src/report/promises.ts. -->

What becomes of log lines when something is wrong, and what does not. Behind each promise stand the numbers of the faults that prove it: [faults.md](faults.md) says how they are provoked, and links the tests. The figures are those of the last \`npm run faults:report\`, on ${date}: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node.slice(1)}, pino ${versions['pino']}, winston ${versions['winston']}. The tests judge most of them, too, with bounds that a busy machine can keep.

Unless a sentence names a mode, it holds in all four: the plain worker target, \`otlpTransport\`, \`otlpStream\`, and winston's \`OtlpTransport\`. Where an option decides, its default is given.

## When the process ends

What happens to lines that wait in memory, with a collector that answers:

${table(['', ...MODES], ends)}

${SECTIONS.map(({ title, promises }) => `${title}\n\n${promises.map((one) => renderPromise(one, figures)).join('\n')}`).join('\n\n')}

## Beside the transports in use today

The same apps, the same lines, the same collector, one run each. Everybody runs with the defaults and the set-up that its own README shows, we too. The transports for Loki speak to an endpoint of Loki's push API that counts in the same way, and refuses what Loki refuses. \`@opentelemetry/winston-transport\` comes without a way out of its own: it has the SDK's batch processor and OTLP exporter, in the newest versions that its API package belongs to. SDK 3 is registered in another place (\`@opentelemetry/api\` 1.10), where that transport does not look: nothing arrives, so that it is shown once.

Such a comparison is one machine on one day, and made by one of the parties. \`npm run faults:report\` makes another.

${renderPeers(measured)}

## All figures

What the tests of the fault matrix measured, by fault.

${MATRIX.filter(({ number }) => figures.of(number).length > 0)
  .map(({ number, fault }) => `### ${number}: ${fault}\n\n${renderFigures(figures, number)}`)
  .join('\n\n')}`
  return `${text.trimEnd()}\n`
}

function renderPromise({ text, provenBy }: Promised, figures: Figures): string {
  return `- ${typeof text === 'function' ? text(figures) : text}${provenBy.length > 0 ? ` (${provenBy.join(', ')})` : ''}`
}

function renderFigures(figures: Figures, fault: string): string {
  const rows = figures.of(fault)
  const names = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))]
  const cell = (value: number | string | null | undefined): string =>
    typeof value === 'number' ? quantity('', value) : (value ?? '')
  const cells = rows.map(({ of, values }) => [of, ...names.map((name) => cell(values[name]))])
  // Variants of one test may have come to the same.
  const different = [...new Map(cells.map((row) => [row.join('|'), row])).values()]
  return table(['', ...names.map(headOf)], different)
}

const UNITS: Record<string, string> = { millis: 'ms', micros: 'µs', mib: 'MiB', bytes: 'bytes' }

/** `exitMillis` as `exit, ms`. */
function headOf(name: string): string {
  const [, what = name, unit = ''] = /^(.*?)(millis|micros|mib|bytes)$/i.exec(name) ?? []
  // Some are written as words, with units of their own: `16 MiB millis`.
  const words = name.includes(' ') ? what.trim() : what.replace(/[a-z](?=[A-Z])/g, '$& ').toLowerCase()
  return [words, UNITS[unit.toLowerCase()]].filter(Boolean).join(', ')
}
