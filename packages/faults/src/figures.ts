// Measured figures, from the tests that measure to the report that shows them: one JSON line each, in the file that
// FAULTS_FIGURES names. Without it they are only judged, as in CI.

import { appendFileSync } from 'node:fs'

export interface Figure {
  /** The fault's number. */
  fault: string
  /** The mode or the variant. */
  of: string
  /** What was measured, unit in the name: { exitMillis: 5012, lost: 0 } */
  values: Readonly<Record<string, number | string>>
}

export function figure(fault: string, of: string, values: Figure['values']): void {
  const file = process.env['FAULTS_FIGURES']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ fault, of, values } satisfies Figure)}\n`)
}
