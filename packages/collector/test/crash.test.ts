// kill -9 of the Collector under load. Whoever has answered for a record has to keep it: what the Collector has not
// answered for waits with us, in memory or in our journal; what it has answered for lies in its file_storage, or dies with it.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type App,
  type Collector,
  type CollectorOptions,
  loggedBy,
  loggingApp,
  type LoggingMode,
  makeTempFolder,
  type Receiver,
  startApp,
  startCollector,
  startReceiver,
  Tally,
  type TempFolder,
} from '@otlp-logs/test-support'
import { type Protocol, target } from './ways.ts'

const FOLDER = join(__dirname, '..')
const WAYS: readonly (readonly [LoggingMode, Protocol])[] = [
  ['pino target', 'http/protobuf'],
  ['pino target', 'grpc'],
  ['winston', 'http/json'],
  ['winston', 'grpc'],
]

let backend: Receiver
let collector: Collector
let tally: Tally
let disk: TempFolder

beforeEach(async () => {
  tally = new Tally()
  disk = makeTempFolder()
  mkdirSync(join(disk.path, 'queue'))
  backend = await startReceiver({ onAccepted: (records) => tally.add(records) })
})

afterEach(async () => {
  await collector.close()
  await backend.close()
  disk.remove()
  expect(backend.problems).toEqual([])
})

describe.each(WAYS)('%s by %s', (...way) => {
  const [mode] = way

  test.each([
    ['without', 'in memory'],
    ['with', 'in the journal'],
  ])(
    'D5: %s a journal, what a Collector has not answered for when it is killed waits %s, and nothing is lost',
    async (journal) => {
      collector = await startCollector(forwarding({ storage: true }))
      const running = app(way, `await pace(2000, 2000); await cue('end')`, journal === 'with')
      for (const lines of [500, 1500, 2500]) {
        await delivered(lines)
        await collector.kill()
        await collector.start()
      }
      // An app with a journal that ends while nobody listens leaves the rest to the next one.
      running.write('end\n')
      const result = await running.done
      expect(result).toMatchObject({ code: 0 })
      const logged = loggedBy(result)
      await delivered(logged)
      expect(tally.missing(logged)).toEqual([])
      expect(tally.count).toMatchObject({ delivered: logged, mismatches: 0 })
    },
  )

  test('F30: with a journal, Collector and app are killed, and the next app delivers what both had left', async () => {
    collector = await startCollector(forwarding({ storage: true }))
    const first = app(
      way,
      `log(1000); await cue('on'); log(1000); ${flush(mode)}; say('safe'); await cue('never')`,
      true,
    )
    await delivered(1000)
    await collector.kill()
    first.write('on\n')
    await first.stdoutLine('safe')
    first.kill('SIGKILL')
    await first.done
    await collector.start()
    const second = app(way, `await cue('end')`, true)
    await delivered(2000)
    second.write('end\n')
    expect(await second.done).toMatchObject({ code: 0, stderr: '' })
    expect(tally.count).toMatchObject({ delivered: 2000, mismatches: 0 })
  })

  test('D5: without file_storage, what is lost with a killed Collector is what it had answered for, and no more', async () => {
    backend.setAnswer({ status: 503 })
    collector = await startCollector(forwarding({ storage: false }))
    const running = app(way, `log(1000); ${flush(mode)}; say('answered'); await cue('on'); log(1000)`, false)
    await running.stdoutLine('answered')
    await collector.kill()
    backend.setAnswer({})
    running.write('on\n')
    await collector.start()
    expect(await running.done).toMatchObject({ code: 0 })
    await delivered(1000)
    expect(tally.count).toMatchObject({ delivered: 1000, mismatches: 0, duplicates: 0 })
    expect(Array.from({ length: 2000 }, (_, seq) => tally.has(seq)).indexOf(true)).toBe(1000)
  })
})

/** A Collector that forwards what it gets to `backend`, from a queue in its memory or on its disk. */
function forwarding({ storage }: { storage: boolean }): CollectorOptions {
  const retry_on_failure = { initial_interval: '50ms', max_interval: '100ms', max_elapsed_time: '0s' }
  // That of docs/collector.md, but for a shorter wait.
  const batch = { sizer: 'bytes', min_size: 500_000, max_size: 2_000_000, flush_timeout: '50ms' }
  const onDisk = { storage: 'file_storage', sizer: 'bytes', queue_size: 1_000_000_000, batch }
  const sending_queue = storage ? onDisk : { queue_size: 10_000 }
  return {
    exporters: { otlp_http: { endpoint: backend.endpoint, retry_on_failure, sending_queue } },
    ...(storage && { extensions: { file_storage: { directory: join(disk.path, 'queue') } } }),
  }
}

function app([mode, protocol]: (typeof WAYS)[number], source: string, journal: boolean): App {
  const options = {
    ...target(collector, protocol),
    scheduledDelayMillis: 50,
    diagnostics: 'none',
    ...(journal && { journal: { directory: join(disk.path, 'journal') } }),
  }
  return startApp(loggingApp({ mode, options, source }), { resolveFrom: FOLDER, keepInput: true })
}

/** Source that waits until all lines so far are sent, or safe in the journal. */
function flush(mode: LoggingMode): string {
  return mode === 'winston' ? 'await transport.flush()' : 'await new Promise((resolve) => logger.flush(resolve))'
}

/** Resolves when so many distinct lines have come out at the other end. */
function delivered(lines: number): Promise<void> {
  return backend.waitFor(() => tally.count.delivered >= lines, 20_000, `${lines} lines`)
}
