import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
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

function pipelineThat(answers: Answer, options: object = {}): Pipeline {
  receiver.setAnswer(answers)
  const resource = { 'service.name': 'orders', 'service.version': '1.0' }
  const journal = { directory, minFreeBytes: 0 }
  const given = { endpoint: receiver.endpoint, diagnostics: 'none', resource, journal, ...options }
  const { settings } = resolveOptions(given, { env: {} })
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

/** The path of the only segment. */
function segment(): string {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return join(
    directory,
    names.find((name) => name.endsWith('.seg'))!,
  )
}

/** Three records of a process that has ended. */
async function leaveRecords(options: object = {}): Promise<void> {
  const pipeline = pipelineThat({ status: 503 }, options)
  emit(pipeline, 3)
  await pipeline.shutdown()
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
        folder: expect.any(String),
        key: expect.stringMatching(/^[0-9a-f]{16}$/),
        instance: expect.stringMatching(/^[0-9a-f]{16}$/),
        service: 'orders',
        state: 'alive',
        segments: 1,
        bytes: statSync(segment()).size,
        records: 7,
        oldest: expect.any(Date),
        torn: 0,
        corrupt: 0,
        unreadable: 0,
      },
    ])
    expect(instances[0]!.folder).toBe(dirname(segment()))
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
    appendFileSync(segment(), 'half a frame')
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
    const folder = dirname(segment())
    expect(rejected).toMatchObject([{ folder, service: 'orders', files: 1, records: 4, oldest: expect.any(Date) }])
  })

  it('names the service of records that wait as JSON', async () => {
    await leaveRecords({ protocol: 'http/json' })
    expect((await inspectJournal(directory)).instances).toMatchObject([{ service: 'orders', records: 3 }])
  })

  it('says when the oldest records were written, whatever came behind them', async () => {
    const before = Date.now()
    await leaveRecords()
    const after = Date.now()
    utimesSync(segment(), new Date(0), new Date(after + 60_000))
    const [{ oldest } = { oldest: undefined }] = (await inspectJournal(directory)).instances
    expect(oldest!.getTime()).toBeGreaterThanOrEqual(before)
    expect(oldest!.getTime()).toBeLessThanOrEqual(after)
  })

  it('tells an operator what waits in the journal of another user', async () => {
    await leaveRecords()
    const geteuid = jest.spyOn(process, 'geteuid' as never).mockReturnValue(4711 as never)
    const { instances } = await inspectJournal(directory)
    geteuid.mockRestore()
    expect(instances).toMatchObject([{ state: 'dead', records: 3, unreadable: 0 }])
  })

  it('counts the files that cannot be read, and tells about the others', async () => {
    await leaveRecords()
    mkdirSync(join(dirname(segment()), '00000002.seg'))
    expect((await inspectJournal(directory)).instances).toMatchObject([{ segments: 2, records: 3, unreadable: 1 }])
  })

  it('takes no process for alive that has no socket to ask, and none for dead', async () => {
    const pipeline = pipelineThat({ status: 503 })
    emit(pipeline, 1)
    rmSync(join(dirname(segment()), 'l'))
    expect((await inspectJournal(directory)).instances).toMatchObject([{ state: 'unknown', records: 1 }])
    await pipeline.shutdown()
  })

  it('tells who adopted a folder, and that both are dead when the folder of the adopter is gone', async () => {
    await leaveRecords()
    const folder = dirname(segment())
    const adoptedBy = '0123456789abcdef'
    mkdirSync(join(dirname(folder), `${adoptedBy}.adopt`))
    renameSync(folder, join(dirname(folder), `${adoptedBy}.adopt`, basename(folder)))
    expect((await inspectJournal(directory)).instances).toMatchObject([{ state: 'dead', adoptedBy, records: 3 }])
  })
})
