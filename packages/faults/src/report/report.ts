// `npm run faults:report`: measures (the fault matrix, then the transports in use today beside ours), keeps the figures
// in packages/faults/figures.json, and writes docs/faults.md and docs/delivery.md.
//   --render        measures nothing: writes the documents from the figures that are there
//   --only matrix   measures only that, and keeps the other figures
//   --only peers    likewise

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measurePeers } from '../peers/peers.ts'
import { renderDeliveryDoc } from './delivery-doc.ts'
import { renderFaultsDoc } from './faults-doc.ts'
import { thisMachine, versionsInUse } from './machine.ts'
import type { Measured } from './measured.ts'
import { runMatrix } from './run-matrix.ts'
import { faultsTested } from './titles.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const FIGURES = join(ROOT, 'packages/faults/figures.json')

const { values } = parseArgs({ options: { render: { type: 'boolean' }, only: { type: 'string' } } })
if (values.only !== undefined && values.only !== 'matrix' && values.only !== 'peers') {
  throw new TypeError(`Expected \`--only\` to be matrix or peers, got \`${values.only}\``)
}

function readFigures(): Partial<Measured> {
  try {
    return JSON.parse(readFileSync(FIGURES, 'utf8')) as Measured
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return {}
  }
}

async function measureAll(): Promise<Measured> {
  const { figures = [], peers = [] } = readFigures()
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    versions: versionsInUse(),
    figures: values.only === 'peers' ? figures : await runMatrix(ROOT),
    peers:
      values.only === 'matrix'
        ? peers
        : await measurePeers(({ scenario, contender, lost, logged }) => {
            process.stdout.write(`${scenario}: ${contender}: ${lost} of ${logged} lost\n`)
          }),
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

if (!values.render) writeFileSync(FIGURES, `${JSON.stringify(await measureAll(), null, 2)}\n`)
const measured = readFigures() as Measured
writeFileSync(join(ROOT, 'docs/faults.md'), renderFaultsDoc(faultsTested(ROOT)))
writeFileSync(join(ROOT, 'docs/delivery.md'), renderDeliveryDoc(measured))
process.stdout.write('Written: docs/faults.md, docs/delivery.md\n')
