// `npm run faults:report`: measures (the fault matrix, then the transports in use today beside ours), keeps the figures
// in packages/faults/figures.json, and writes docs/faults.md and docs/delivery.md.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runCommand } from '../command.ts'
import { measurePeers } from '../peers/peers.ts'
import { renderDeliveryDoc } from './delivery-doc.ts'
import { renderFaultsDoc } from './faults-doc.ts'
import { thisMachine, versionsInUse } from './machine.ts'
import type { Measured } from './measured.ts'
import { runMatrix } from './run-matrix.ts'
import { faultsTested } from './titles.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const FIGURES = join(ROOT, 'packages/faults/figures.json')

const HELP = `usage: npm run faults:report -- [--render] [--only matrix|peers] [--help]

  --render        measures nothing: writes the documents from the figures that are there
  --only matrix   measures only the fault matrix, and keeps the other figures
  --only peers    measures only the transports in use today, and keeps the other figures
`

interface Arguments {
  render: boolean
  only: 'matrix' | 'peers' | undefined
  help: boolean
}

function parse(args: string[]): Arguments {
  const options = { render: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean' } } as const
  const { render = false, only, help = false } = parseArgs({ args, options }).values
  if (only === undefined || only === 'matrix' || only === 'peers') return { render, only, help }
  throw new TypeError(`Expected \`--only\` to be matrix or peers, got \`${only}\``)
}

function readFigures(): Partial<Measured> {
  try {
    return JSON.parse(readFileSync(FIGURES, 'utf8')) as Measured
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return {}
  }
}

async function measureAll(only: Arguments['only']): Promise<Measured> {
  const { figures = [], peers = [] } = readFigures()
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    versions: versionsInUse(),
    figures: only === 'peers' ? figures : await runMatrix(ROOT),
    peers:
      only === 'matrix'
        ? peers
        : await measurePeers(({ scenario, contender, lost, logged }) => {
            process.stdout.write(`${scenario}: ${contender}: ${lost} of ${logged} lost\n`)
          }),
  }
}

await runCommand(parse, HELP, async ({ render, only }) => {
  if (!render) writeFileSync(FIGURES, `${JSON.stringify(await measureAll(only), null, 2)}\n`)
  const measured = readFigures() as Measured
  writeFileSync(join(ROOT, 'docs/faults.md'), renderFaultsDoc(faultsTested(ROOT)))
  writeFileSync(join(ROOT, 'docs/delivery.md'), renderDeliveryDoc(measured))
  process.stdout.write('Written: docs/faults.md, docs/delivery.md\n')
  return 0
})
