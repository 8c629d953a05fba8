import { Announcer } from './announcer.ts'
import { Diagnostics } from './diagnostics.ts'
import { Counters, type DropReason } from './report.ts'

function setUp() {
  const lines: string[] = []
  const clock = { now: 0 }
  const counters = new Counters()
  const announcer = new Announcer({
    diagnostics: new Diagnostics({
      name: 'test',
      mode: 'verbose',
      now: () => clock.now,
      write: (line) => void lines.push(line.trimEnd()),
    }),
    counters,
    where: 'http://collector/v1/logs',
    service: 'orders',
    journal: '/var/lib/orders/logs',
  })
  const drop = (reason: DropReason, count: number): void => {
    counters.drop(reason, count)
    announcer.dropped(reason, count)
  }
  return { lines, clock, counters, announcer, drop }
}

const END = 'not delivered to http://collector/v1/logs before the end'

describe('Announcer', () => {
  it('says at the end how many were not delivered, in one line', () => {
    const { lines, announcer, drop } = setUp()
    drop('shutdown', 5)
    drop('shutdown', 2)
    expect(lines).toEqual([])
    announcer.ended()
    announcer.ended()
    expect(lines).toEqual([`test: 7 log records ${END}`])
  })

  it('says nothing at the end when all was delivered, or every loss was told', () => {
    const { lines, announcer, drop } = setUp()
    announcer.ended()
    drop('queue_full', 3)
    lines.length = 0
    announcer.ended()
    expect(lines).toEqual([])
  })

  it('tells at the end, in exact numbers, what was held back until then', () => {
    const { lines, announcer, drop } = setUp()
    for (let i = 0; i < 10; i++) drop('queue_full', 100)
    drop('rejected', 1)
    expect(lines).toEqual([
      'test: 100 log records dropped (queue_full, 100 so far)',
      'test: 1 log record dropped (rejected, 1 so far)',
    ])
    announcer.ended()
    expect(lines.at(-1)).toBe('test: 1001 log records lost in all (1000 queue_full, 1 rejected)')
  })

  it('tells both in one line', () => {
    const { lines, announcer, drop } = setUp()
    drop('queue_full', 1)
    drop('queue_full', 999)
    drop('shutdown', 7)
    announcer.ended()
    expect(lines.at(-1)).toBe(`test: 7 log records ${END}; 1007 lost in all (1000 queue_full, 7 shutdown)`)
  })

  it('tells the end also when an end was told a moment ago', () => {
    const { lines, announcer, drop } = setUp()
    for (let i = 0; i < 2; i++) {
      drop('shutdown', 1)
      announcer.ended()
    }
    expect(lines).toHaveLength(2)
  })

  it('says what the server said, and what to do', () => {
    const { lines, announcer, counters } = setUp()
    counters.set('waiting', 3)
    announcer.retrying({ kind: 'HTTP 503', what: 'HTTP 503', message: 'busy\nnow', hint: 'wait' })
    expect(lines).toEqual([
      'test: http://collector/v1/logs: HTTP 503, server says "busy now" (wait); 3 log records waiting, trying again',
    ])
  })

  it('says the first success once, and a warning of the server', () => {
    const { lines, announcer } = setUp()
    announcer.succeeded(undefined)
    announcer.succeeded('too old')
    expect(lines).toEqual([
      'test: connected to http://collector/v1/logs as service orders',
      'test: http://collector/v1/logs says: too old',
    ])
  })

  it('says when what had failed succeeds again', () => {
    const { lines, announcer, counters } = setUp()
    announcer.succeeded(undefined)
    announcer.retrying({ kind: 'HTTP 503', what: 'HTTP 503' })
    lines.length = 0
    counters.set('waiting', 5)
    announcer.succeeded(undefined)
    announcer.succeeded(undefined)
    expect(lines).toEqual(['test: http://collector/v1/logs takes log records again; 5 log records waiting'])
  })

  it('says so once in a minute at most, and never of trouble that nobody was told of', () => {
    const { lines, announcer } = setUp()
    announcer.succeeded(undefined)
    for (const kind of ['HTTP 503', 'HTTP 503', 'ECONNRESET', 'HTTP 503']) {
      announcer.retrying({ kind, what: kind })
      announcer.succeeded(undefined)
    }
    expect(lines.filter((line) => line.includes('trying again'))).toHaveLength(2)
    expect(lines.filter((line) => line.includes('takes log records again'))).toHaveLength(1)
  })

  it('says at the end, once, that the journal keeps what was not sent', () => {
    const { lines, announcer } = setUp()
    announcer.ended()
    announcer.ended(true)
    announcer.ended(true)
    expect(lines).toEqual(['test: the journal in /var/lib/orders/logs keeps what was not sent, for the next process'])
  })

  it('counts a record that was refused as told', () => {
    const { lines, announcer, counters } = setUp()
    counters.drop('hook_failed')
    announcer.refused('hook_failed', 'a filter threw (oops)')
    announcer.ended()
    expect(lines).toEqual(['test: a filter threw (oops); the record is dropped'])
  })
})
