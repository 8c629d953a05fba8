import { Diagnostics, type DiagnosticsOptions } from './diagnostics.ts'
import type { Report } from './report.ts'

const MINUTE = 60_000

function setUp(options: Partial<DiagnosticsOptions> = {}) {
  const clock = { now: 0 }
  const lines: string[] = []
  const reports: Report[] = []
  const diagnostics = new Diagnostics({
    name: 'test',
    mode: 'stderr',
    now: () => clock.now,
    write: (line) => void lines.push(line),
    onReport: (report) => void reports.push(report),
    ...options,
  })
  return { clock, lines, reports, diagnostics }
}

describe('Diagnostics', () => {
  it('says the first of a kind at once, as one line in the name of its package', () => {
    const { lines, reports, diagnostics } = setUp()
    diagnostics.warn('HTTP 401', 'refused')
    expect(lines).toEqual(['test: refused\n'])
    expect(reports).toEqual([{ kind: 'HTTP 401', level: 'warn', message: 'refused' }])
  })

  it('holds the same kind back, and makes no text for what is not said; other kinds are free', () => {
    const { lines, diagnostics } = setUp()
    const text = jest.fn(() => 'again')
    diagnostics.warn('a', 'first')
    diagnostics.warn('a', text)
    diagnostics.warn('b', 'other')
    expect(lines).toEqual(['test: first\n', 'test: other\n'])
    expect(text).not.toHaveBeenCalled()
  })

  it('says a kind again after 1, 10 and then every 60 minutes, with how many were held back', () => {
    const { clock, lines, diagnostics } = setUp()
    for (let minute = 0; minute <= 140; minute += 0.5) {
      clock.now = minute * MINUTE
      diagnostics.warn('a', `at ${minute}`)
    }
    expect(lines).toEqual([
      'test: at 0\n',
      'test: at 1 (and 1 more like this)\n',
      'test: at 11 (and 19 more like this)\n',
      'test: at 71 (and 119 more like this)\n',
      'test: at 131 (and 119 more like this)\n',
    ])
  })

  it('does not say what was held back when nothing was', () => {
    const { clock, lines, diagnostics } = setUp()
    diagnostics.warn('a', 'first')
    clock.now = 2 * MINUTE
    diagnostics.warn('a', 'second')
    expect(lines[1]).toBe('test: second\n')
  })

  it.each<[DiagnosticsOptions['mode'], string[]]>([
    ['stderr', ['test: bad\n']],
    ['verbose', ['test: good\n', 'test: bad\n']],
    ['none', []],
  ])('in mode %s writes %j, and reports all', (mode, expected) => {
    const { lines, reports, diagnostics } = setUp({ mode })
    diagnostics.info('connected', 'good')
    diagnostics.warn('a', 'bad')
    expect(lines).toEqual(expected)
    expect(reports.map(({ level }) => level)).toEqual(['info', 'warn'])
  })

  it('masks header values, with and without their scheme, the longest first', () => {
    const { lines, diagnostics } = setUp({
      headers: { authorization: 'Bearer sesame-open', 'x-token': 'sesame', 'x-short': 'abc' },
    })
    diagnostics.warn('a', 'got sesame-open, Bearer sesame-open, sesame and abc')
    // Three characters are too few to be a secret, and too many words hold them.
    expect(lines).toEqual(['test: got ***, ***, *** and abc\n'])
  })

  it('masks the userinfo of every URL', () => {
    const { lines, diagnostics } = setUp()
    diagnostics.warn('a', 'https://me:pass@host/x and http://token@host:1 but not a@b or http://host/@x')
    expect(lines).toEqual(['test: https://***@host/x and http://***@host:1 but not a@b or http://host/@x\n'])
  })

  it("quotes at most 200 characters of a server's message, in one line, without control characters and secrets", () => {
    const { diagnostics } = setUp({ headers: { 'x-token': 'sesame' } })
    expect(diagnostics.quote(' a\r\n\tb\u0000c\u001b[31md\u009be ')).toBe('a b c [31md e')
    expect(diagnostics.quote('x'.repeat(200))).toBe('x'.repeat(200))
    expect(diagnostics.quote('x'.repeat(201))).toBe(`${'x'.repeat(200)}...`)
    expect(diagnostics.quote(`${'x'.repeat(197)}sesame`)).toBe(`${'x'.repeat(197)}***`)
  })

  it('is not disturbed by an onReport that throws, nor by a stderr that is closed', () => {
    const { lines, diagnostics } = setUp({
      onReport: () => {
        throw new Error('onReport')
      },
    })
    diagnostics.warn('a', 'said')
    expect(lines).toEqual(['test: said\n'])
    const closed = setUp({
      write: () => {
        throw new Error('EPIPE')
      },
    })
    closed.diagnostics.warn('a', 'said')
    expect(closed.reports).toHaveLength(1)
  })
})
