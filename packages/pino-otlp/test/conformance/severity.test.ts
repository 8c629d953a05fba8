// S1 to S5 and S8: levels and severity numbers.

import pino from 'pino'
import { MODES, Shipyard } from './ship.ts'

const yard = new Shipyard()
const PINO_LEVELS = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 }
const RANGES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
const rangeOf = (severityNumber: number): string | undefined => RANGES[Math.floor((severityNumber - 1) / 4)]

describe.each(MODES)('levels by %s', (mode) => {
  /** Logs one line at each level, and gives [level, number, text] of the records. */
  async function numbersOf(levels: string[], logger: pino.LoggerOptions<string> = {}) {
    const log = (it: pino.Logger<string>): void => levels.forEach((level) => it[level]!(level))
    const records = await yard.ship(mode, log, { logger: { ...logger, level: levels[0]! } })
    return records.map(({ body, severityNumber, severityText }) => [body, severityNumber, severityText] as const)
  }

  it("S1, S3: pino's levels take the lowest number of the range that they mean", async () => {
    expect(await numbersOf(Object.keys(PINO_LEVELS))).toEqual(
      Object.entries(PINO_LEVELS).map(([level, number]) => [level, number, level]),
    )
  })

  it('S1: a known name has its meaning, whatever its number', async () => {
    const customLevels = { emerg: 80, crit: 70, warning: 45, notice: 35, verbose: 15 }
    const numbers = await numbersOf(['verbose', 'notice', 'warning', 'crit', 'emerg'], { customLevels })
    expect(numbers.map(([level, number]) => [level, rangeOf(number)])).toEqual([
      ['verbose', 'TRACE'],
      ['notice', 'INFO'],
      ['warning', 'WARN'],
      ['crit', 'ERROR'],
      ['emerg', 'FATAL'],
    ])
  })

  it('S1: the user says what a level means with the option `severity`, by name or by number', async () => {
    const setup = { logger: { customLevels: { audit: 35, loud: 36 } }, transport: { severity: { audit: 12, 36: 22 } } }
    const records = await yard.ship(mode, (log) => void (log['audit']!('x'), log['loud']!('x')), setup)
    expect(records.map(({ severityNumber }) => severityNumber)).toEqual([12, 22])
  })

  it("S1: a field of the user called level or severity is not the record's, and is sent under another name", async () => {
    const record = await yard.one(mode, (log) => log.warn({ level: 'gold', severity: 2, lvl: 'x' }, 'x'))
    expect(record).toMatchObject({ severityNumber: 13, severityText: 'warn' })
    expect({ ...record.attributes }).toEqual({ 'custom.level': 'gold', 'custom.severity': 2, 'custom.lvl': 'x' })
  })

  it.each<[string, Record<string, number>]>([
    ['upwards', { finest: 10, finer: 12, fine: 15, config: 20, note: 30, heads: 35, alarm: 42, broken: 50, doom: 70 }],
    ['from 1 to 6', { silly: 1, debug: 2, info: 3, warn: 4, error: 5, fatal: 6 }],
  ])('S2: levels that are numbered %s keep their order', async (_how, customLevels) => {
    const levels = Object.keys(customLevels)
    const numbers = (await numbersOf(levels, { customLevels, useOnlyCustomLevels: true })).map(([, number]) => number)
    expect(numbers).toHaveLength(levels.length)
    expect(new Set(numbers).size).toBe(levels.length)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  it('S2: levels that are numbered downwards keep their order', async () => {
    const customLevels = { low: 7, debug: 6, info: 5, odd: 4.5, warn: 4, error: 3, fatal: 0 }
    const logger = { customLevels, useOnlyCustomLevels: true, levelComparison: 'DESC' as const }
    const numbers = (await numbersOf(Object.keys(customLevels), logger)).map(([, number]) => number)
    expect(numbers).toHaveLength(7)
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
    expect(numbers.slice(1)).toEqual([5, 9, expect.any(Number), 13, 17, 21])
  })

  // No number is invented for a line without a level, not even 17 where it has an error, as is recommended: a line of
  // another program is as likely to tell of an error that was handled.
  it.each([
    ['a line without a level', '{"time":1795238556471,"msg":"x"}\n'],
    ['an error without a level', '{"err":{"type":"Error","message":"m","stack":"Error: m\\n    at x"},"msg":"x"}\n'],
    ['text', 'Segmentation fault\n'],
  ])('S4: %s has neither severity number nor text', async (_what, line) => {
    expect(await yard.write(mode, line)).toMatchObject([{ severityNumber: 0, severityText: '' }])
  })

  it('S5: a custom level between two of pino lies between their numbers, under its name', async () => {
    const numbers = await numbersOf(['info', 'audit', 'warn'], { customLevels: { audit: 35 } })
    const audit = numbers[1]![1]
    expect(numbers).toEqual([
      ['info', 9, 'info'],
      ['audit', audit, 'audit'],
      ['warn', 13, 'warn'],
    ])
    expect(audit).toBeGreaterThanOrEqual(10)
    expect(audit).toBeLessThanOrEqual(12)
  })

  it('S5: a custom level that only a child logger knows is placed and named, too, also through multistream', async () => {
    const transport = yard.open(mode, { logger: {} })
    const [audit, info] = await yard.arrived(() => {
      const logger = pino({}, pino.multistream([{ level: 'trace', stream: transport }]))
      const child = logger.child({}, { customLevels: { audit: 35 } }) as unknown as pino.Logger<string>
      child['audit']!('x')
      child.info('y')
      return transport.flush()
    })
    expect(audit).toMatchObject({ body: 'x', severityNumber: 11, severityText: 'audit' })
    expect(info).toMatchObject({ body: 'y', severityNumber: 9, severityText: 'info' })
    expect(Object.keys(audit!.attributes)).toEqual([])
  })

  it.each<[string, (label: string, number: number) => object, string]>([
    ['the name', (label) => ({ level: label }), 'warn'],
    ['the name in capitals', (label) => ({ level: label.toUpperCase() }), 'WARN'],
    ['another field', (label) => ({ severity: label }), 'warn'],
    ['the number as text', (_label, number) => ({ level: String(number) }), 'warn'],
  ])('S5: a formatter that writes %s still maps', async (_what, level, severityText) => {
    const record = await yard.one(mode, (log) => log.warn({ a: 1 }, 'x'), { logger: { formatters: { level } } })
    expect(record).toMatchObject({ severityNumber: 13, severityText })
    expect({ ...record.attributes }).toEqual({ a: 1 })
  })

  it('S5: a formatter that writes a custom name still maps', async () => {
    const logger = { customLevels: { audit: 35 }, formatters: { level: (label: string) => ({ level: label }) } }
    const record = await yard.one(mode, (log) => log['audit']!('x'), { logger })
    expect(record).toMatchObject({ severityNumber: 11, severityText: 'audit' })
  })

  it.each(['WARN', 'warn', 13])(
    'S8: minimumSeverity %p leaves out what is less severe, and keeps what says nothing',
    async (minimumSeverity) => {
      const transport = yard.open(mode, { logger: {}, transport: { minimumSeverity } })
      const logger = pino({ level: 'trace' }, transport)
      const records = await yard.arrived(() => {
        for (const level of Object.keys(PINO_LEVELS) as (keyof typeof PINO_LEVELS)[]) logger[level](level)
        transport.write('no level\n')
        return transport.flush()
      })
      expect(records.map(({ body }) => body)).toEqual(['warn', 'error', 'fatal', 'no level'])
      expect(transport.stats()).toMatchObject({ received: 7, sent: 4, filtered: 3, dropped: { total: 0 } })
    },
  )
})
