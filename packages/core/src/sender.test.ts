import { Bench, CAUSE, RECORD_BYTES, REJECTED, RETRYABLE, settled, SUCCESS, TOO_LARGE } from '../test/sender-bench.ts'
import type { ExportResult } from './export.ts'

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

describe('Sender', () => {
  describe('sends a batch', () => {
    it('at once when it is full by count', async () => {
      const bench = new Bench()
      bench.emit(10)
      await bench.clock.advance(0)
      expect(bench.sizes).toEqual([10])
    })

    it('at once when it is full by bytes', async () => {
      const bench = new Bench({ maxExportBatchBytes: 4 * RECORD_BYTES })
      bench.emit(4)
      await bench.clock.advance(0)
      expect(bench.sizes).toEqual([4])
    })

    it('not before scheduledDelayMillis when it is not full', async () => {
      const bench = new Bench()
      bench.emit(3)
      await bench.clock.advance(999)
      expect(bench.sizes).toEqual([])
      bench.emit(2)
      await bench.clock.advance(1)
      expect(bench.sizes).toEqual([5])
    })

    it.each([
      ['came during a request', 100, 10],
      ['was left over by one', 0, 11],
    ])('scheduledDelayMillis after its first record, also when that %s', async (_how, millis, count) => {
      const bench = new Bench()
      bench.emit(count)
      await bench.clock.advance(millis)
      bench.emit(11 - count)
      await bench.clock.advance(800)
      await bench.answer(SUCCESS)
      await bench.clock.advance(199)
      expect(bench.sizes).toEqual([10])
      await bench.clock.advance(1)
      expect(bench.sizes).toEqual([10, 1])
    })

    it('at once after a request for which it had to wait longer than that', async () => {
      const bench = new Bench()
      bench.emit(10)
      await bench.clock.advance(0)
      bench.emit(1)
      await bench.clock.advance(1500)
      await bench.answer(SUCCESS)
      expect(bench.sizes).toEqual([10, 1])
    })

    it('never with more records or bytes than allowed', async () => {
      const bench = new Bench({ maxExportBatchBytes: 7 * RECORD_BYTES }).answerBy(SUCCESS)
      bench.emit(25)
      await bench.clock.advance(2000)
      expect(bench.sizes).toEqual([7, 7, 7, 4])
      expect(bench.sent).toEqual(range(0, 25))
    })

    it('and nothing when nothing waits', async () => {
      const bench = new Bench()
      await bench.clock.advance(10_000)
      expect(bench.requests).toEqual([])
    })
  })

  it.each([1, 3])('has at most %d requests under way', async (concurrency) => {
    const bench = new Bench({ concurrency })
    bench.emit(100)
    await bench.clock.advance(0)
    while (bench.open.length > 0) await bench.answer(SUCCESS)
    expect(bench.mostOpen).toBe(concurrency)
    expect(bench.sent).toEqual(range(0, 100))
  })

  describe('while the endpoint fails', () => {
    it.each([
      [0, [500, 1000, 2000, 2000, 2000]],
      [0.999_999, [1000, 2000, 4000, 4000, 4000]],
    ])('waits 1 s growing to 4 s, half of it by chance (%d)', async (chance, gaps) => {
      const bench = new Bench().answerBy(RETRYABLE)
      bench.clock.chance = chance
      bench.emit(10)
      await bench.clock.advance(20_000)
      const times = bench.requests.map(({ at }) => at)
      expect(gaps.map((_, i) => Math.round(times[i + 1]! - times[i]!))).toEqual(gaps)
      expect(bench.retries.slice(0, gaps.length).map(Math.round)).toEqual(gaps)
    })

    it('asks with one small request at a time, then grows again, with half a second between two', async () => {
      const bench = new Bench({ maxExportBatchSize: 500, concurrency: 4 })
      bench.emit(2000)
      await bench.clock.advance(0)
      expect(bench.sizes).toEqual([500, 500, 500, 500])
      for (let i = 0; i < 4; i++) await bench.answer(RETRYABLE)
      await bench.clock.advance(20_000)
      expect(bench.sizes.slice(4)).toEqual([64])
      await bench.answer(RETRYABLE)
      await bench.clock.advance(20_000)
      expect(bench.sizes.slice(5)).toEqual([64])
      for (const size of [128, 256]) {
        await bench.answer(SUCCESS)
        await bench.clock.advance(499)
        expect(bench.open).toEqual([])
        await bench.clock.advance(1)
        expect([bench.open.length, bench.sizes.at(-1)]).toEqual([1, size])
      }
      await bench.answer(SUCCESS)
      expect(bench.open.map(({ ids }) => ids.length)).toEqual([500, 500, 500, 52])
      bench.answerBy(SUCCESS)
      await settled()
      expect(bench.sent.toSorted((a, b) => a - b)).toEqual(range(0, 2000))
    })

    it('makes nobody who awaits a flush wait for that half second', async () => {
      const bench = new Bench({ maxExportBatchSize: 500 }).answerBy((_ids, index) => (index < 1 ? RETRYABLE : SUCCESS))
      bench.emit(1000)
      await bench.clock.advance(500)
      expect(bench.sizes).toEqual([500, 64])
      expect(await bench.flush().promise).toEqual({ complete: true, waiting: 0 })
      expect(bench.sizes).toEqual([500, 64, 128, 256, 500, 52])
    })

    it('keeps every record, however often it fails, and their order', async () => {
      const bench = new Bench().answerBy((_ids, index) => (index < 50 ? RETRYABLE : SUCCESS))
      bench.emit(25)
      await bench.clock.advance(300_000)
      expect(bench.sent).toEqual(range(0, 25))
      expect(bench.counters.stats()).toMatchObject({
        sent: 25,
        dropped: { total: 0 },
        retries: 50,
        waiting: { records: 0 },
      })
    })

    it('waits as long as the server asks, up to 300 s', async () => {
      const bench = new Bench().answerBy({ ...RETRYABLE, retryAfterMillis: 1e9 } as ExportResult)
      bench.emit(10)
      await bench.clock.advance(299_999)
      expect(bench.requests).toHaveLength(1)
      await bench.clock.advance(1)
      expect(bench.requests).toHaveLength(2)
    })

    it('sends nothing earlier because more comes in', async () => {
      const bench = new Bench().answerBy(RETRYABLE)
      bench.emit(10)
      await bench.clock.advance(0)
      for (let i = 0; i < 49; i++) {
        bench.emit(10)
        await bench.clock.advance(10)
      }
      expect(bench.requests).toHaveLength(1)
    })

    it('starts at 1 s again after a success', async () => {
      const bench = new Bench().answerBy((_ids, index) => (index === 3 ? SUCCESS : RETRYABLE))
      bench.emit(30)
      await bench.clock.advance(60_000)
      expect(bench.retries.slice(0, 4)).toEqual([500, 1000, 2000, 500])
    })
  })

  describe('when the answer is final', () => {
    it('drops the batch as rejected, and goes on', async () => {
      const bench = new Bench().answerBy((_ids, index) => (index === 0 ? REJECTED : SUCCESS))
      bench.emit(20)
      await bench.clock.advance(0)
      expect(bench.sent).toEqual(range(10, 20))
      expect(bench.drops).toEqual([['rejected', 10]])
      expect(bench.counters.stats()).toMatchObject({ sent: 10, dropped: { total: 10, rejected: 10 }, retries: 0 })
    })

    it('counts what a partial success refuses', async () => {
      const bench = new Bench().answerBy({ kind: 'success', rejected: 3, message: 'too old', cause: CAUSE })
      bench.emit(10)
      await bench.clock.advance(0)
      expect(bench.counters.stats()).toMatchObject({ sent: 7, dropped: { rejected: 3 } })
      expect(bench.drops).toEqual([['rejected', 3]])
    })

    it('believes no partial success that refuses more than was sent', async () => {
      const bench = new Bench().answerBy({ kind: 'success', rejected: 999 })
      bench.emit(10)
      await bench.clock.advance(0)
      expect(bench.counters.stats()).toMatchObject({ sent: 0, dropped: { rejected: 10 } })
    })

    it('passes a warning of the server on', async () => {
      const bench = new Bench().answerBy({ kind: 'success', rejected: 0, message: 'soon deprecated' })
      bench.emit(10)
      await bench.clock.advance(0)
      expect(bench.warnings).toEqual(['soon deprecated'])
    })

    it('drops the batch of an exporter that throws, and goes on', async () => {
      let calls = 0
      const exporter = {
        export: () => (calls++ === 0 ? Promise.reject(new Error('bug')) : Promise.resolve(SUCCESS)),
        close() {},
      }
      const bench = new Bench({ exporter })
      bench.emit(20)
      await bench.clock.advance(0)
      expect(bench.counters.stats()).toMatchObject({ sent: 10, dropped: { rejected: 10 } })
    })
  })

  describe('when a request is too large', () => {
    it.each([1, 2, 3, 64, 100, 1000])('finds the one record of %d in few requests', async (count) => {
      for (const bad of new Set([0, count >> 1, count - 1])) {
        const bench = new Bench({ maxExportBatchSize: count }).answerBy((ids) =>
          ids.includes(bad) ? TOO_LARGE : SUCCESS,
        )
        bench.emit(count)
        await bench.clock.advance(0)
        expect(bench.sent).toEqual(range(0, count).filter((id) => id !== bad))
        expect(bench.drops).toEqual([['record_too_large', 1]])
        expect(bench.requests.length).toBeLessThanOrEqual(2 * Math.log2(count) + 2)
        bench.checkConservation()
      }
    })

    it('parts until the limit of the server is met, and keeps the order', async () => {
      const bench = new Bench({ maxExportBatchSize: 100 }).answerBy((ids) => (ids.length > 10 ? TOO_LARGE : SUCCESS))
      bench.emit(100)
      await bench.clock.advance(0)
      expect(bench.sent).toEqual(range(0, 100))
    })

    it('puts all parts back in their order when the endpoint then fails', async () => {
      let failing = true
      const bench = new Bench({ maxExportBatchSize: 8 }).answerBy((ids, index) => {
        if (ids.length > 2) return TOO_LARGE
        return index > 3 && failing ? RETRYABLE : SUCCESS
      })
      bench.emit(8)
      await bench.clock.advance(0)
      expect(bench.queue.ready).toBe(bench.queue.waiting)
      bench.checkConservation()
      failing = false
      await bench.clock.advance(10_000)
      expect(bench.sent).toEqual(range(0, 8))
    })
  })

  describe('forceFlush', () => {
    it('resolves at once when nothing waits', async () => {
      expect(await new Bench().sender.forceFlush(1000)).toEqual({ complete: true, waiting: 0 })
    })

    it('sends what waits without a delay', async () => {
      const bench = new Bench()
      bench.emit(3)
      const flush = bench.flush()
      await settled()
      expect(bench.sizes).toEqual([3])
      expect(flush.result).toBeUndefined()
      await bench.answer(SUCCESS)
      expect(flush.result).toEqual({ complete: true, waiting: 0 })
    })

    it('waits for what is in flight, too', async () => {
      const bench = new Bench()
      bench.emit(10)
      await bench.clock.advance(0)
      const flush = bench.flush()
      await settled()
      expect(flush.result).toBeUndefined()
      await bench.answer(REJECTED)
      expect(flush.result).toEqual({ complete: true, waiting: 0 })
    })

    it('does not wait for what is emitted after it', async () => {
      const bench = new Bench()
      bench.emit(15)
      const flush = bench.flush()
      bench.emit(30)
      await bench.answer(SUCCESS)
      expect(flush.result).toBeUndefined()
      await bench.answer(SUCCESS)
      // The last request is filled up with what came later.
      expect(flush.result).toMatchObject({ complete: true, waiting: 25 })
      expect(bench.sent).toEqual(range(0, 20))
    })

    it('cuts the wait for a failing endpoint short, once', async () => {
      const bench = new Bench().answerBy({ ...RETRYABLE, retryAfterMillis: 60_000 } as ExportResult)
      bench.emit(10)
      await bench.clock.advance(10)
      expect(bench.requests).toHaveLength(1)
      const flush = bench.flush(30_000)
      await bench.clock.advance(0)
      expect(bench.requests).toHaveLength(2)
      await bench.clock.advance(29_000)
      expect(bench.requests).toHaveLength(2)
      expect(flush.result).toBeUndefined()
      await bench.clock.advance(1000)
      expect(flush.result).toEqual({ complete: false, waiting: 10 })
    })

    it('is not robbed of that one try by a request from before it', async () => {
      const bench = new Bench()
      bench.emit(10)
      await bench.clock.advance(0)
      const flush = bench.flush(300)
      await bench.answer(RETRYABLE)
      await bench.clock.advance(0)
      await bench.answer(SUCCESS)
      expect(flush.result).toMatchObject({ complete: true })
    })

    it('goes on trying until the records have arrived', async () => {
      const bench = new Bench().answerBy((_ids, index) => (index < 3 ? RETRYABLE : SUCCESS))
      bench.emit(25)
      const flush = bench.flush(30_000)
      bench.emit(5)
      await bench.clock.advance(20_000)
      expect(flush.result?.complete).toBe(true)
      expect(bench.sent.slice(0, 25)).toEqual(range(0, 25))
    })

    it('ends at its deadline, and loses nothing by it', async () => {
      const bench = new Bench()
      bench.emit(5)
      const flush = bench.flush(700)
      await bench.clock.advance(700)
      expect(flush.result).toEqual({ complete: false, waiting: 5 })
      await bench.answer(SUCCESS)
      expect(bench.sent).toEqual(range(0, 5))
    })

    it('has no deadline with 0', async () => {
      const bench = new Bench()
      bench.emit(5)
      const flush = bench.flush(0)
      await bench.clock.advance(1e9)
      expect(flush.result).toBeUndefined()
      await bench.answer(SUCCESS)
      expect(flush.result?.complete).toBe(true)
    })

    it('holds for two at once, each for its own records', async () => {
      const bench = new Bench()
      bench.emit(5)
      const first = bench.flush()
      bench.emit(5)
      const second = bench.flush()
      await bench.answer(SUCCESS)
      expect([first.result?.complete, second.result]).toEqual([true, undefined])
      await bench.answer(SUCCESS)
      expect(second.result).toEqual({ complete: true, waiting: 0 })
    })

    it('counts records that are evicted meanwhile as settled', async () => {
      const bench = new Bench({ maxQueueSize: 20 })
      bench.emit(20)
      const flush = bench.flush()
      bench.emit(10)
      bench.checkConservation()
      await bench.answer(SUCCESS)
      expect(flush.result?.complete).toBe(true)
      expect(bench.counters.dropped('queue_full')).toBe(10)
    })

    it('is not met by the eviction of records that came after it', async () => {
      const bench = new Bench({ maxQueueSize: 20 })
      bench.emit(10)
      const flush = bench.flush()
      bench.emit(40)
      await settled()
      expect(bench.open[0]?.ids).toEqual(range(0, 10))
      expect(flush.result).toBeUndefined()
      await bench.answer(SUCCESS)
      expect(flush.result?.complete).toBe(true)
    })

    it('is not met by later records that arrive first', async () => {
      const bench = new Bench({ concurrency: 4 })
      bench.emit(10)
      const first = bench.flush()
      bench.emit(10)
      const second = bench.flush()
      await settled()
      expect(bench.open.map(({ ids }) => ids[0])).toEqual([0, 10])
      bench.open[1]!.answer(SUCCESS)
      await settled()
      expect(first.result).toBeUndefined()
      await bench.answer(SUCCESS)
      expect([first.result?.complete, second.result?.complete]).toEqual([true, true])
    })
  })

  describe('shutdown', () => {
    it('delivers what waits, then closes the network', async () => {
      const bench = new Bench().answerBy(SUCCESS)
      bench.emit(25)
      expect(await bench.sender.shutdown(5000)).toEqual({ complete: true, waiting: 0 })
      expect(bench.sent).toEqual(range(0, 25))
      expect(bench.closed).toBe(true)
    })

    it('gives up at its deadline, and counts what is left as shutdown', async () => {
      const bench = new Bench()
      bench.emit(25)
      const ended = bench.sender.shutdown(5000)
      await bench.clock.advance(5000)
      expect(bench.closed).toBe(true)
      // What closing the exporter does to a request under way.
      await bench.answer(RETRYABLE)
      expect(await ended).toEqual({ complete: false, waiting: 25 })
      expect(bench.counters.stats()).toMatchObject({
        dropped: { shutdown: 25, total: 25 },
        waiting: { records: 0, bytes: 0 },
      })
      await bench.clock.advance(600_000)
      expect(bench.requests).toHaveLength(1)
    })

    it('waits for nothing with 0', async () => {
      const bench = new Bench()
      bench.emit(5)
      expect(await bench.sender.shutdown(0)).toEqual({ complete: false, waiting: 5 })
      expect(bench.requests).toEqual([])
      expect(bench.counters.dropped('shutdown')).toBe(5)
      bench.checkConservation()
    })

    it('hands over all that waits, in flight first, for the end of a process', async () => {
      const bench = new Bench()
      bench.emit(25)
      await bench.clock.advance(0)
      const batches = bench.sender.takeOver()
      expect(batches.map(({ count }) => count)).toEqual([10, 10, 5])
      await bench.clock.advance(60_000)
      expect(bench.requests).toHaveLength(1)
    })
  })

  describe('the notice about losses', () => {
    it('rides along with the next request, once', async () => {
      const bench = new Bench().answerBy(SUCCESS)
      bench.notices = 1
      bench.emit(30)
      await bench.clock.advance(0)
      expect(bench.requests.map(({ hasNotice }) => hasNotice)).toEqual([true, false, false])
      expect(bench.counters.stats()).toMatchObject({ received: 30, sent: 30 })
    })

    it.each([
      ['cannot be delivered', RETRYABLE],
      ['is refused', REJECTED],
    ])('rides along again after a request that %s', async (_how, result) => {
      const bench = new Bench().answerBy((_ids, index) => (index === 0 ? result : SUCCESS))
      bench.notices = 1
      bench.emit(30)
      await bench.clock.advance(20_000)
      expect(bench.requests.map(({ hasNotice }) => hasNotice)).toEqual([
        true,
        true,
        ...bench.requests.slice(2).map(() => false),
      ])
    })

    it('rides along with one of several requests at once', async () => {
      const bench = new Bench({ concurrency: 3 })
      bench.notices = 1
      bench.emit(30)
      await bench.clock.advance(0)
      expect(bench.open.map(({ hasNotice }) => hasNotice)).toEqual([true, false, false])
      bench.open[1]!.answer(SUCCESS)
      await bench.answer(RETRYABLE)
      await bench.answer(SUCCESS)
      await bench.clock.advance(20_000)
      expect(bench.requests.map(({ hasNotice }) => hasNotice)).toEqual([true, false, false, true])
    })

    it('goes alone when a flush ends with nothing left to send', async () => {
      const bench = new Bench().answerBy(REJECTED)
      bench.emit(3)
      await bench.sender.forceFlush(1000)
      bench.notices = 1
      bench.answerBy(SUCCESS)
      await bench.sender.forceFlush(1000)
      expect(bench.requests.map(({ ids, hasNotice }) => [ids.length, hasNotice])).toEqual([
        [3, false],
        [0, true],
      ])
      bench.checkConservation()
    })

    it('never holds a flush beyond its deadline', async () => {
      const bench = new Bench()
      bench.notices = 1
      const flush = bench.flush(500)
      await bench.clock.advance(500)
      expect(flush.result).toEqual({ complete: true, waiting: 0 })
    })
  })
})
