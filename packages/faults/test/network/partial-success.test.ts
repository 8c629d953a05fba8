// A success that is none for some of the records: it is never sent again, and what it rejects is lost under one name.

import { type Answer, encodeResponseBytes } from '@otlp-logs/test-support'
import { Bench } from './bench.ts'

const BATCH = 10
const PROTOCOLS = ['http/protobuf', 'http/json'] as const

describe.each(PROTOCOLS)('over %s', (protocol) => {
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf'
  const empty: Answer =
    protocol === 'http/json'
      ? { body: '{"partialSuccess":{}}' }
      : { body: encodeResponseBytes({ partialSuccess: { rejectedLogRecords: 0, errorMessage: '' } }) }

  test('F09, D7: three rejected of a batch are dropped as rejected, told once with the reason, and nothing is sent again', async () => {
    const bench = await Bench.start({ partialSuccess: { rejected: 3, message: 'too old' } }, { protocol })
    for (let i = 0; i < 5; i++) {
      bench.emit(BATCH)
      await bench.drain()
    }
    expect(bench.asked).toHaveLength(5)
    expect(bench.reports.filter(({ level }) => level === 'warn').map(({ kind, message }) => [kind, message])).toEqual([
      [
        'partial success',
        `3 log records dropped (rejected, 3 so far): ${bench.receiver!.url}: the server rejected 3 records, server says "too old"`,
      ],
    ])
    await bench.verdict({ lost: { rejected: 15 } })
  })

  test('F09, D7: none rejected, but a message: all is sent, and there is one warning', async () => {
    const bench = await Bench.start({ partialSuccess: { rejected: 0, message: 'use the new endpoint' } }, { protocol })
    for (let i = 0; i < 5; i++) {
      bench.emit(BATCH)
      await bench.drain()
    }
    expect(bench.asked).toHaveLength(5)
    expect(bench.said('server warning')).toEqual([`${bench.receiver!.url} says: use the new endpoint`])
    await bench.verdict()
  })

  test('F09, D7: an empty partial success is a full one: nothing is said', async () => {
    const bench = await Bench.start({ ...empty, headers: { 'content-type': contentType } }, { protocol })
    bench.emit(BATCH)
    await bench.drain()
    expect(bench.asked).toHaveLength(1)
    expect(bench.reports.filter(({ level }) => level === 'warn')).toEqual([])
    await bench.verdict()
  })

  test('F09, D7: more rejected than were sent is all of them', async () => {
    const bench = await Bench.start({ partialSuccess: { rejected: 1000, message: 'no' } }, { protocol })
    bench.emit(BATCH)
    await bench.verdict({ lost: { rejected: BATCH } })
    expect(bench.asked).toHaveLength(1)
  })

  test.each(['-1', '-9223372036854775808'])('F09, D7: a negative count (%s) is none', async (rejected) => {
    const bench = await Bench.start({ partialSuccess: { rejected, message: '' }, accept: true }, { protocol })
    bench.emit(BATCH)
    await bench.drain()
    expect(bench.stats).toMatchObject({ sent: BATCH, dropped: { total: 0 } })
  })
})

test.each(['1.5', '1e400', '"3 or so"', 'null', '{}', '[]', 'true'])(
  'F09, D7: a count in JSON such as %s leaves whole records, each of them sent or dropped',
  async (count) => {
    const body = `{"partialSuccess":{"rejectedLogRecords":${count}}}`
    const bench = await Bench.start({ body, accept: true }, { protocol: 'http/json' })
    bench.emit(BATCH)
    await bench.drain()
    const { sent, dropped } = bench.stats
    expect([Number.isInteger(sent), Number.isInteger(dropped.total), sent + dropped.total]).toEqual([true, true, BATCH])
  },
)
