import { Counters, DROP_REASONS } from './report.ts'

describe('Counters', () => {
  it('start at nothing, and name no reason that never occurred', () => {
    expect(new Counters().stats()).toEqual({
      received: 0,
      adopted: 0,
      sent: 0,
      filtered: 0,
      dropped: { total: 0 },
      waiting: { records: 0, bytes: 0 },
      requests: 0,
      retries: 0,
      truncated: 0,
    })
  })

  it('count each thing in its own place', () => {
    const counters = new Counters()
    const names = ['received', 'adopted', 'sent', 'filtered', 'requests', 'retries', 'truncated'] as const
    for (const [i, name] of names.entries()) counters.add(name, i + 1)
    counters.add('received')
    counters.set('waiting', 20)
    counters.set('waitingBytes', 2000)
    for (const [i, reason] of DROP_REASONS.entries()) counters.drop(reason, i + 1)
    counters.drop('queue_full')
    const total = DROP_REASONS.length * ((DROP_REASONS.length + 1) / 2) + 1
    expect(counters.stats()).toEqual({
      received: 2,
      adopted: 2,
      sent: 3,
      filtered: 4,
      dropped: { total, ...Object.fromEntries(DROP_REASONS.map((reason, i) => [reason, i + 1])), queue_full: 2 },
      waiting: { records: 20, bytes: 2000 },
      requests: 5,
      retries: 6,
      truncated: 7,
    })
    expect(counters.dropped('queue_full')).toBe(2)
  })

  it('can be read, and gone on with, by another thread', () => {
    const counters = new Counters()
    counters.add('sent', 5)
    const other = new Counters(counters.buffer)
    other.drop('worker_died', 2)
    expect(counters.stats()).toEqual(other.stats())
    expect(counters.stats()).toMatchObject({ sent: 5, dropped: { total: 2, worker_died: 2 } })
  })

  it('count beyond 32 bits', () => {
    const counters = new Counters()
    counters.add('received', 2 ** 40)
    counters.add('received')
    expect(counters.get('received')).toBe(2 ** 40 + 1)
  })
})
