import { Levels } from './levels.ts'

const of = (levels: Levels, level: unknown): [number, string | undefined] => {
  const { severityNumber, severityText } = levels.severityOf(level)
  return [severityNumber, severityText]
}

describe('Levels', () => {
  it.each<[unknown, number, string | undefined]>([
    [10, 1, 'trace'],
    [20, 5, 'debug'],
    [30, 9, 'info'],
    [40, 13, 'warn'],
    [50, 17, 'error'],
    [60, 21, 'fatal'],
    [35, 11, undefined],
    [35.5, 11, undefined],
    [-5, 1, undefined],
    [1000, 24, undefined],
    ['info', 9, 'info'],
    ['WARN', 13, 'WARN'],
    ['30', 9, 'info'],
    ['audit', 0, 'audit'],
    ['constructor', 0, 'constructor'],
    ['__proto__', 0, '__proto__'],
    ['', 0, ''],
    [undefined, 0, undefined],
    [null, 0, undefined],
    [{}, 0, undefined],
    [true, 0, undefined],
  ])('make of %p the severity %p, %p', (level, severityNumber, severityText) => {
    const levels = new Levels({})
    expect(of(levels, level)).toEqual([severityNumber, severityText])
    expect(of(levels, level)).toEqual([severityNumber, severityText])
  })

  it('heed first what the user says: by name, by number, of a text', () => {
    const levels = new Levels({ info: 10, '35': 12, audit: 19 })
    levels.learn({ '45': 'audit' })
    expect(of(levels, 30)).toEqual([10, 'info'])
    expect(of(levels, 35)).toEqual([12, undefined])
    expect(of(levels, 45)).toEqual([19, 'audit'])
    expect(of(levels, 'audit')).toEqual([19, 'audit'])
  })

  it('learn the names of custom levels, and place those without a known meaning by their number', () => {
    const levels = new Levels({})
    expect(of(levels, 35)).toEqual([11, undefined])
    levels.learn({
      '10': 'trace',
      '20': 'debug',
      '30': 'info',
      '35': 'audit',
      '40': 'warn',
      '50': 'error',
      '60': 'fatal',
    })
    expect(of(levels, 35)).toEqual([11, 'audit'])
    expect(of(levels, 'audit')).toEqual([11, 'audit'])
  })

  it('understand levels that count otherwise, by the names they share', () => {
    const levels = new Levels({})
    levels.learn({ '0': 'emerg', '3': 'error', '5': 'audit', '6': 'info', '7': 'debug' })
    expect(of(levels, 0)).toEqual([21, 'emerg'])
    expect(of(levels, 3)).toEqual([17, 'error'])
    expect(of(levels, 7)).toEqual([5, 'debug'])
    const [audit] = of(levels, 5)
    expect(audit).toBeGreaterThan(9)
    expect(audit).toBeLessThan(17)
  })

  it('forget no logger when another adds its own', () => {
    const levels = new Levels({})
    levels.learn({ '35': 'audit' })
    levels.learn({ '45': 'alarm' })
    expect([of(levels, 35)[1], of(levels, 45)[1], of(levels, 30)[1]]).toEqual(['audit', 'alarm', 'info'])
  })

  it('fill no memory for a logger that invents levels', () => {
    const levels = new Levels({})
    for (let i = 0; i < 10_000; i++) expect(levels.severityOf(`made up ${i}`).severityNumber).toBe(0)
    expect(of(levels, 30)).toEqual([9, 'info'])
  })
})
