// `npm run bench`: measures, keeps the figures in packages/benchmarks/results.json, writes docs/benchmarks.md, prints it.
//   NAME ...     only these benchmarks; the figures of the others stay
//   --long       longer and more often, some minutes for each benchmark
//   --smoke      a fraction of a second each, to see that all of it works; writes nothing without `--out`
//   --render     measures nothing: writes the document from the figures that are there
//   --out FILE   for the figures, instead of results.json
//   --doc FILE   for the document, instead of docs/benchmarks.md

import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { chosen } from './benchmarks/index.ts'
import { loadNow, thisMachine, versionsInUse } from './machine.ts'
import { renderBenchmark, renderDoc, renderSetting } from './report/doc.ts'
import { readResults, type Result, type Sample, type Scale, writeResults } from './results.ts'

const PACKAGE_FOLDER = join(import.meta.dirname, '..')
const RESULTS = join(PACKAGE_FOLDER, 'results.json')
const DOC = join(PACKAGE_FOLDER, '../../docs/benchmarks.md')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean' },
    smoke: { type: 'boolean' },
    out: { type: 'string' },
    doc: { type: 'string' },
    render: { type: 'boolean' },
  },
})
const scale: Scale = values.smoke ? 'smoke' : values.long ? 'long' : 'usual'

async function measure(benchmark: Benchmark): Promise<Result> {
  const startedAt = performance.now()
  const loadBefore = loadNow()
  const samples: Sample[] = []
  await benchmark.measure({
    scale,
    record(sample) {
      samples.push(sample)
      const shown = Object.entries(sample.values).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
      process.stderr.write(`${benchmark.name}: ${sample.condition}: ${sample.contender}: ${shown.join(', ')}\n`)
    },
  })
  return {
    date: new Date().toISOString().slice(0, 10),
    scale,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    loadBefore,
    machine: thisMachine(),
    versions: versionsInUse(),
    samples,
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

/** What a smoke measures is worth nothing. */
const file = values.out ?? (scale === 'smoke' ? undefined : RESULTS)
const doc = values.doc ?? (file === RESULTS ? DOC : undefined)
const results = file === undefined ? {} : readResults(file)
for (const benchmark of values.render ? [] : chosen(positionals)) {
  const result = await measure(benchmark)
  results[benchmark.name] = result
  if (file !== undefined) writeResults(file, results)
  process.stdout.write(
    `\n## ${benchmark.title}\n\n${renderBenchmark(benchmark, result)}\n\n${renderSetting([result])}\n\n`,
  )
}
if (doc !== undefined) {
  writeFileSync(doc, renderDoc(results))
  process.stdout.write(`Written: ${relative(process.cwd(), doc)}\n`)
}
