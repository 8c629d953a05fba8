// docs/faults.md: the fault matrix as people read it, with links to the tests.

import { basename } from 'node:path'
import { CRITERION, type Fault, MATRIX } from '../matrix.ts'
import { table } from './table.ts'
import type { Tested } from './titles.ts'

const JUDGED: Record<Fault['judged'], string> = {
  network: 'once, at the core',
  process: 'in apps, each mode',
  app: 'in apps, each mode',
}

export function renderFaultsDoc(tested: Tested): string {
  const rows = MATRIX.map(({ number, fault, provoked, holds, judged }) => {
    return [number, fault, provoked, holds, JUDGED[judged], linksOf(tested.get(number) ?? [])]
  })
  return `# Faults

<!-- Written by \`npm run faults:report\` from packages/faults/src/matrix.ts. -->

What collectors, networks and processes do to logs, how the tests bring it about, and what must hold then. The numbers are our own. Titles of tests begin with them, so that \`pnpm unit -t "F28\\b"\` runs those of fault F28. A number that is missing is a fault that no test provokes yet.

What the network does to a request is judged once, at the core that all modes share: real sockets, and a clock that the test turns on, so that a minute takes no minute. What the end of a process or the app's own lines do is judged in apps of their own, with real pino and real winston, in each mode that the fault concerns: the plain worker target, \`otlpTransport\`, \`otlpStream\`, and winston's \`OtlpTransport\`. In both cases a receiver counts, line by line, what arrived, what came twice, and what was changed on its way.

The figures that these tests measure, and what they come to for a user, are in [delivery.md](delivery.md).

## What must hold everywhere

${CRITERION.map((sentence) => `- ${sentence}`).join('\n')}

## The matrix

${table(['No.', 'Fault', 'How it is provoked', 'What must hold beyond the above', 'Judged', 'Tests'], rows)}
`
}

function linksOf(paths: readonly string[]): string {
  return paths.map((path) => `[${basename(path, '.test.ts')}](../${path})`).join(', ')
}
