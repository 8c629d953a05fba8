import { appendFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Answer, makeTempFolder, type Receiver, startReceiver, type TempFolder } from '@otlp-logs/test-support'
import { inspectJournal } from './inspect-journal.ts'
import type { Pipeline } from './host.ts'
import { createPipeline } from './pipeline.ts'
import { resolveOptions } from './resolve-options.ts'

let receiver: Receiver
let temp: TempFolder
let directory: string

beforeEach(async () => {
  receiver = await startReceiver()
  temp = makeTempFolder()
  directory = join(temp.path, 'journal')
})

afterEach(async () => {
  await receiver.close()
  temp.remove()
})

function pipelineThat(answers: Answer): Pipeline {
  receiver.setAnswer(answers)
  const { settings } = resolveOptions(
    { endpoint: receiver.endpoint, diagnostics: 'none', journal: { directory, minFreeBytes: 0 } },
    { env: {} },
  )
  return createPipeline(settings, [], { package: { name: 'test' }, inProcess: false })
}

function emit(pipeline: Pipeline, count: number): void {
  for (let i = 0; i < count; i++) {
    pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, attributes: { i } })
    pipeline.commit()
  }
}

/** Every file, with its size and time: what must not change. */
function files(): object {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()
  return names.map((name) => {
    const { size, mtimeMs } = statSync(join(directory, name))
    return { name, size, mtimeMs }
  })
}

describe('inspectJournal', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await inspectJournal(directory)).toEqual({ directory, instances: [], rejected: [] })
  })

  it('tells of a live process what waits, and touches nothing', async () => {
    const pipeline = pipelineThat({ status: 503 })
    emit(pipeline, 7)
    const before = files()
    const { instances } = await inspectJournal(directory)
    expect(instances).toEqual([
      {
        key: expect.stringMatching(/^[0-9a-f]{16}$/),
        instance: expect.stringMatching(/^[0-9a-f]{16}$/),
        state: 'alive',
        segments: 1,
        bytes: expect.any(Number),
        records: 7,
        oldest: expect.any(Date),
        torn: 0,
        corrupt: 0,
      },
    ])
    expect(files()).toEqual(before)
    await pipeline.shutdown()
  })

  it('tells of a process that has ended, a torn tail included, and does not count what was delivered', async () => {
    const pipeline = pipelineThat({})
    emit(pipeline, 5)
    await pipeline.forceFlush()
    receiver.setAnswer({ status: 503 })
    emit(pipeline, 3)
    expect(await pipeline.shutdown()).toEqual({ complete: true, waiting: 3 })
    const segment = readdirSync(directory, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.seg'))!
    appendFileSync(join(directory, segment), 'half a frame')
    const { instances } = await inspectJournal(directory)
    expect(instances).toMatchObject([{ state: 'dead', segments: 1, records: 3, torn: 1, corrupt: 0 }])
  })

  it('tells what a server refused', async () => {
    const pipeline = pipelineThat({ status: 400 })
    emit(pipeline, 4)
    await pipeline.forceFlush()
    await pipeline.shutdown()
    const { instances, rejected } = await inspectJournal(directory)
    expect(instances).toEqual([])
    expect(rejected).toMatchObject([{ files: 1, records: 4 }])
  })
})
