// What a pipeline tells of its journal.

import { join } from 'node:path'
import { makeTempFolder, startReceiver, type TempFolder } from '@otlp-logs/test-support'
import type { Pipeline } from './host.ts'
import { createPipeline } from './pipeline.ts'
import { resolveOptions } from './resolve-options.ts'

let temp: TempFolder

beforeEach(() => (temp = makeTempFolder()))
afterEach(() => temp.remove())

const directory = (): string => join(temp.path, 'journal')

function pipelineWith(options: object, inProcess: boolean): Pipeline {
  const { settings, warnings } = resolveOptions({
    endpoint: 'http://127.0.0.1:1',
    diagnostics: 'none',
    scheduledDelayMillis: 60_000,
    closeTimeoutMillis: 0,
    journal: { directory: directory(), minFreeBytes: 0 },
    ...options,
  })
  return createPipeline(settings, warnings, { package: { name: 'test' }, inProcess })
}

function emit(pipeline: Pipeline): void {
  pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, body: 'line', attributes: {} })
}

// As behind a worker.
test('F31: counts a record as waiting on disk when its chunk is written, and not before', async () => {
  const pipeline = pipelineWith({}, false)
  const waiting = (): number => pipeline.stats().waiting.records
  for (let i = 0; i < 3; i++) emit(pipeline)
  expect(waiting()).toBe(0)
  pipeline.commit()
  expect(waiting()).toBe(3)
  emit(pipeline)
  expect(waiting()).toBe(3)
  expect(await pipeline.shutdown(0)).toMatchObject({ waiting: 4 })
})

test.each([true, false])('reports at the end that it keeps what was not sent (in-process: %s)', async (inProcess) => {
  const reports: unknown[] = []
  const pipeline = pipelineWith({ onReport: (report: unknown) => reports.push(report) }, inProcess)
  emit(pipeline)
  pipeline.commit()
  await pipeline.shutdown(0)
  const message = `the journal in ${directory()} keeps what was not sent, for the next process`
  expect(reports).toContainEqual({ kind: 'kept', level: 'info', message })
})

test('reports nothing of the kind when all was sent', async () => {
  const receiver = await startReceiver()
  const kinds: string[] = []
  const onReport = ({ kind }: { kind: string }): void => void kinds.push(kind)
  const pipeline = pipelineWith({ endpoint: receiver.endpoint, onReport }, true)
  emit(pipeline)
  await pipeline.forceFlush()
  await pipeline.shutdown()
  await receiver.close()
  expect(kinds).toEqual(['connected'])
})
