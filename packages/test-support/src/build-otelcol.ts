// `npm run collector:build`, and the first step of the Collector's tests in `npm test`: prints the path of the Collector on
// stdout, having built it where there was none. Where that cannot be done it says why on stderr, and ends with 1.

import { writeSync } from 'node:fs'
import { provideOtelcol } from './otelcol.ts'

try {
  const path = provideOtelcol((line) => writeSync(2, `${line}\n`))
  writeSync(1, `${path}\n`)
} catch (error) {
  writeSync(2, `No OpenTelemetry Collector: ${(error as Error).message}\n`)
  process.exitCode = 1
}
