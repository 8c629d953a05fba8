// Records into a pipeline, in one turn of the event loop, so that nothing is sent meanwhile: what it costs to take one in,
// with a journal or without. `FOLDER|- IN_PROCESS PER_CHUNK COUNT`. Prints CPU time.

import { createPipeline, type LogRecord, resolveOptions } from 'otlp-logs-core'
import { SHAPES } from '../shapes.ts'

const [folder, where, ...numbers] = process.argv.slice(2) as [string, string, ...string[]]
const [perChunk, count] = numbers.map(Number) as [number, number]
/** By then all is compiled: after half as many, records still cost more for a while, and most with a journal. */
const WARM_RECORDS = 60_000
const NOW = 1_795_249_083_091_000_000n

// Nobody listens there, and nobody waits for it.
const { settings, warnings } = resolveOptions(
  {
    endpoint: 'http://127.0.0.1:9',
    diagnostics: 'none',
    detectors: [],
    closeTimeoutMillis: 0,
    maxQueueBytes: 2 ** 30,
    ...(folder !== '-' && { journal: { directory: folder, maxBytes: 2 ** 31 } }),
  },
  { env: {} },
)
const pipeline = createPipeline(settings, warnings, {
  package: { name: 'benchmark', version: '1.0.0' },
  inProcess: where === 'in-process',
})
const { message, fields } = SHAPES.short

function recordOf(seq: number): LogRecord {
  const times = { timeUnixNano: NOW, observedTimeUnixNano: NOW }
  return { ...times, severityNumber: 9, severityText: 'info', body: message(seq), attributes: fields(seq) }
}

/** In a process, each record is committed by itself; a worker commits once for each chunk that it reads. */
function emit(records: number): void {
  for (let i = 0; i < records; i++) {
    pipeline.emit(recordOf(i))
    if (where === 'worker' && i % perChunk === perChunk - 1) pipeline.commit()
  }
  pipeline.commit()
}

emit(WARM_RECORDS)
const before = process.cpuUsage()
emit(count)
const { user, system } = process.cpuUsage(before)
const { waiting, journal } = pipeline.stats()
const bytes = (journal?.bytes ?? 0) / (WARM_RECORDS + count)
const values = { userMicros: user / count, systemMicros: system / count, bytes, waiting: waiting.records }
process.stdout.write(JSON.stringify(values), () => process.exit())
