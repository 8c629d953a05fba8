// The sender before a journal: what it does otherwise than before a queue in memory.

import { ManualClock } from '@otlp-logs/test-support'
import { type BenchOptions, JournalBench, settled } from '../test/journal-bench.ts'
import { idsOf } from '../test/journal-records.ts'
import { RETRYABLE, SUCCESS } from '../test/sender-bench.ts'
import type { ExportResult, Payload } from './export.ts'
import { Counters } from './report.ts'
import type { Run } from './slab.ts'
import { Sender } from './sender.ts'

const KIB = 1024

interface RunsPayload extends Payload {
  ids: number[]
}

interface Request {
  ids: number[]
  at: number
  answer(result: ExportResult): void
}

/** A journal and a sender, as a pipeline joins them; requests wait for their answers. */
async function start(
  first: JournalBench,
  options: BenchOptions = {},
): Promise<{
  bench: JournalBench
  sender: Sender
  requests: Request[]
  counters: Counters
}> {
  const requests: Request[] = []
  const clock = new ManualClock()
  const counters = new Counters()
  const cell: { sender?: Sender } = {}
  const payload = (runs: readonly Run[]): RunsPayload => ({ ids: idsOf(runs), chunks: [], bytes: 0, count: 0 })
  const bench = await first.successor({
    clock,
    onCommitted: (count) => cell.sender!.notify(count),
    onReady: () => cell.sender?.wake(),
    onSetAside: (count) => cell.sender!.evicted(count),
    ...options,
  })
  const { journal } = bench
  // What another process wrote is sent as that encoded it, which is no matter here.
  const take = journal.take.bind(journal)
  journal.take = (...limits) => {
    const batch = take(...limits)
    if (batch?.aside?.payload !== undefined) batch.aside = { payload }
    return batch
  }
  cell.sender = new Sender({
    queue: journal,
    exporter: {
      export: (body) =>
        new Promise((resolve) => {
          requests.push({ ids: (body as RunsPayload).ids, at: clock.millis, answer: resolve })
        }),
      close: () => requests.at(-1)?.answer(RETRYABLE),
    },
    counters,
    clock,
    maxExportBatchSize: 10,
    maxExportBatchBytes: 1e6,
    scheduledDelayMillis: 1000,
    concurrency: 1,
    payload,
    lossNotice: () => undefined,
    onDrop: () => {},
    onRetry: () => {},
    onSuccess: () => {},
  })
  cell.sender.wake()
  await settled()
  return { bench, sender: cell.sender, requests, counters }
}

function dead(count: number): JournalBench {
  const bench = new JournalBench()
  bench.write(count)
  bench.kill()
  return bench
}

describe('a Sender before a journal', () => {
  it('F21: sends what another process left without waiting for more, while own records come', async () => {
    const { bench, requests } = await start(dead(100))
    const sent = (): number[] => requests.flatMap(({ ids }) => ids).filter((id) => id < 100)
    for (let i = 0; i < 60 && sent().length < 100; i++) {
      bench.journal.append(bench.record(undefined, 0, 1000 + i))
      bench.journal.commit()
      requests.at(-1)!.answer(SUCCESS)
      await settled()
    }
    expect(sent()).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(requests.at(-1)!.at - requests[0]!.at).toBe(0)
  })

  it('F01: drops nothing in two days of an outage, and sends all when it is over', async () => {
    const wall = jest.spyOn(Date, 'now').mockReturnValue(0)
    try {
      const { bench, requests, counters } = await start(new JournalBench(), { maxQueueBytes: 3000 })
      let id = 0
      for (let hour = 0; hour <= 48; hour++) {
        wall.mockReturnValue(hour * 3_600_000)
        for (let i = 0; i < 20; i++) {
          bench.journal.append(bench.record(undefined, 0, id++))
          bench.journal.commit()
          await bench.clock.advance(3000)
          requests.splice(0).at(-1)?.answer(RETRYABLE)
        }
      }
      expect([bench.journal.waiting, counters.stats().dropped.total, bench.count('evicted')]).toEqual([id, 0, 0])
      const sent: number[] = []
      while (bench.journal.waiting > 0) {
        for (const { ids, answer } of requests.splice(0)) {
          sent.push(...ids)
          answer(SUCCESS)
        }
        await bench.clock.advance(5000)
      }
      expect(sent.toSorted((a, b) => a - b)).toEqual(Array.from({ length: id }, (_, i) => i))
    } finally {
      wall.mockRestore()
    }
  })

  /** An outage in which so many records were written. */
  async function outage(count: number): Promise<Awaited<ReturnType<typeof start>>> {
    const started = await start(new JournalBench())
    started.bench.write(count, 100)
    for (let i = 0; i < 3; i++) {
      await started.bench.clock.advance(5000)
      started.requests.splice(0).at(-1)!.answer(RETRYABLE)
      await settled()
    }
    return started
  }

  it('F20: sends what comes after a long outage with the next request but one, while what piled up goes out', async () => {
    const { bench, requests } = await outage(1000)
    const sent: number[] = []
    let waits = 0
    for (let live = 1000; bench.journal.waiting > 0; live++) {
      await bench.clock.advance(5000)
      const [{ ids, answer }] = requests.splice(0) as [Request]
      sent.push(...ids)
      waits = ids.some((id) => id >= 1000) ? 0 : waits + 1
      // The first answer tells that the endpoint is back.
      if (live > 1001 && live < 1020) expect(waits).toBeLessThanOrEqual(1)
      if (live < 1020) bench.write(1)
      answer(SUCCESS)
      await settled()
    }
    expect(sent.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1020 }, (_, i) => i))
    expect(sent.indexOf(1019)).toBeLessThan(sent.indexOf(500))
  })

  it('F01: is flushed once what came is sent and all else is on disk, however much that is', async () => {
    const { bench, sender, requests } = await outage(1000)
    const flushed = sender.forceFlush(30_000)
    for (let i = 0; i < 4; i++) {
      for (const { answer } of requests.splice(0)) answer(SUCCESS)
      await bench.clock.advance(500)
      await settled()
    }
    const { complete, waiting } = await flushed
    expect(complete).toBe(true)
    expect(waiting).toBeGreaterThan(900)
  })

  it('F01: sends what waits aside, a request for each flush, for who flushes until nothing waits', async () => {
    const { bench, sender, requests } = await outage(300)
    const { millis } = bench.clock
    const drained = (async (): Promise<number> => {
      let flushes = 0
      // Without an end, a flush that waits for nothing would keep the loop of events from ever failing this.
      for (; bench.journal.waiting > 0 && flushes < 1000; flushes++) await sender.forceFlush(30_000)
      return flushes
    })()
    for (let i = 0; i < 100 && bench.journal.waiting > 0; i++) {
      for (const { answer } of requests.splice(0)) answer(SUCCESS)
      await settled()
    }
    const flushes = await drained
    expect(flushes).toBeGreaterThan(10)
    expect(flushes).toBeLessThan(1000)
    expect(bench.clock.millis).toBe(millis)
  })

  it('F15: leaves on disk at its end what another process left, also where it cannot write itself', async () => {
    const { bench, sender, requests, counters } = await start(dead(5))
    expect(requests).toHaveLength(1)
    bench.disk.fail('create', 'EIO')
    bench.write(1)
    expect(bench.journal.isSafe).toBe(false)
    await sender.shutdown(0)
    expect(counters.stats().dropped).toEqual({ total: 1, shutdown: 1 })
    bench.disk.heal()
    bench.kill()
    const heir = await bench.successor()
    expect(heir.deliverAll()).toEqual([0, 1, 2, 3, 4])
  })

  it('F27: takes a little off the disk at the last moment where the endpoint has failed, and more where it has not', async () => {
    for (const isFailing of [true, false]) {
      const { bench, sender, requests } = await start(new JournalBench(), { segmentBytes: 2000 * KIB, maxBytes: 1e9 })
      bench.write(600, 16 * KIB - 20)
      await bench.clock.advance(0)
      requests[0]!.answer(isFailing ? RETRYABLE : SUCCESS)
      await settled()
      const bytes = sender.takeOver().reduce((sum, batch) => sum + batch.bytes, 0)
      expect(bytes / KIB / KIB < 5).toBe(isFailing)
    }
  })
})
