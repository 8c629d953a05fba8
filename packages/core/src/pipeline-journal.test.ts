// What a pipeline tells of a journal that is written chunk by chunk, as behind a worker.

import { join } from 'node:path'
import { makeTempFolder } from '@otlp-logs/test-support'
import { createPipeline } from './pipeline.ts'
import { resolveOptions } from './resolve-options.ts'

const temp = makeTempFolder()
afterAll(() => temp.remove())

test('F31: counts a record as waiting on disk when its chunk is written, and not before', async () => {
  const { settings, warnings } = resolveOptions({
    endpoint: 'http://127.0.0.1:1',
    diagnostics: 'none',
    scheduledDelayMillis: 60_000,
    closeTimeoutMillis: 0,
    journal: { directory: join(temp.path, 'journal'), minFreeBytes: 0 },
  })
  const pipeline = createPipeline(settings, warnings, { package: { name: 'test' }, inProcess: false })
  const waiting = (): number => pipeline.stats().waiting.records
  const emit = (): void => pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, body: 'line', attributes: {} })
  for (let i = 0; i < 3; i++) emit()
  expect(waiting()).toBe(0)
  pipeline.commit()
  expect(waiting()).toBe(3)
  emit()
  expect(waiting()).toBe(3)
  expect(await pipeline.shutdown(0)).toMatchObject({ waiting: 4 })
})
