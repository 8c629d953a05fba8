// S1 to S8: levels and severity numbers.

import winston from 'winston'
import { createLogger, PROTOCOLS, type Setup, Shipyard } from '../ship.ts'

const { npm, syslog, cli } = winston.config
const yard = new Shipyard()
const NUMBERS: [string, Record<string, number>, Record<string, number>][] = [
  ['npm', npm.levels, { error: 17, warn: 13, info: 9, http: 7, verbose: 6, debug: 5, silly: 1 }],
  ['syslog', syslog.levels, { emerg: 21, alert: 19, crit: 18, error: 17, warning: 13, notice: 10, info: 9, debug: 5 }],
  [
    'cli',
    cli.levels,
    {
      ...{ error: 17, warn: 13, help: 11, data: 10, info: 9 },
      ...{ debug: 5, prompt: 4, verbose: 3, input: 2, silly: 1 },
    },
  ],
]

/** Logs one entry at each level, from the most severe, and gives the numbers of the records by their text. */
async function numbersOf(levels: Record<string, number>, setup: Setup = {}): Promise<[string, number][]> {
  const names = Object.keys(levels).toSorted((a, b) => levels[a]! - levels[b]!)
  const logger = { ...setup.logger, levels, level: names.at(-1)! }
  const records = await yard.ship((log) => names.forEach((name) => log[name]!(name)), { ...setup, logger })
  expect(records.map(({ body }) => body)).toEqual(names)
  return records.map(({ severityText, severityNumber }) => [severityText, severityNumber])
}

describe.each(PROTOCOLS)('level sets over %s', (protocol) => {
  it.each(NUMBERS)(
    "S1, S7: winston's %s levels have the numbers of what they mean in that set",
    async (_n, set, numbers) => {
      expect(Object.fromEntries(await numbersOf(set, { transport: { protocol } }))).toEqual(numbers)
    },
  )
})

describe('levels', () => {
  it.each<[string, Record<string, number>]>([
    ...NUMBERS.map(([name, set]) => [name, set] as [string, Record<string, number>]),
    ['a few of npm', { error: 0, info: 1, verbose: 2, silly: 3 }],
    ['names of its own', { doom: 0, broken: 1, alarm: 2, heads: 3, note: 4, info: 5, config: 6, finest: 7 }],
    ['syslog with more', { emerg: 0, fatal: 1, crit: 2, error: 3, warning: 4, notice: 5, info: 6, debug: 7, trace: 8 }],
  ])('S2: of the set with %s, a more severe level never has a smaller number', async (_name, levels) => {
    const numbers = (await numbersOf(levels)).map(([, number]) => number)
    expect(numbers).toHaveLength(Object.keys(levels).length)
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a))
  })

  it('S2: in every set of winston, and among known names with room between, no two levels have the same number', async () => {
    for (const levels of [npm.levels, syslog.levels, cli.levels, { error: 0, major: 1, minor: 2, info: 3 }]) {
      const numbers = (await numbersOf(levels)).map(([, number]) => number)
      expect(new Set(numbers).size).toBe(numbers.length)
    }
  })

  it('S3: a level that is alone in its range has the lowest number of it', async () => {
    expect(await numbersOf({ fatal: 0, error: 1, warn: 2, info: 3, debug: 4, trace: 5 })).toEqual([
      ['fatal', 21],
      ['error', 17],
      ['warn', 13],
      ['info', 9],
      ['debug', 5],
      ['trace', 1],
    ])
  })

  it('S4: an entry without a level has neither number nor text, also when it is an error', async () => {
    const transport = yard.open()
    const records = await yard.arrived(() => {
      for (const entry of [{ message: 'x' }, { message: 'x', err: new Error('b') }]) transport.log(entry, () => {})
      return transport.flush()
    })
    expect(records).toMatchObject([
      { severityNumber: 0, severityText: '' },
      { severityNumber: 0, severityText: '', attributes: { 'exception.message': 'b' } },
    ])
  })

  it('S5: a custom level between two known ones lies between their numbers, under its name', async () => {
    const numbers = Object.fromEntries(await numbersOf({ error: 0, warn: 1, audit: 2, info: 3 }))
    expect(numbers).toMatchObject({ error: 17, warn: 13, info: 9 })
    expect(numbers['audit']).toBeGreaterThan(9)
    expect(numbers['audit']).toBeLessThan(13)
  })

  it('S6: where nothing in a set is known, the text is there and the number is unspecified', async () => {
    expect(await numbersOf({ top: 0, low: 1 })).toEqual([
      ['top', 0],
      ['low', 0],
    ])
  })

  it('S6: the option `severity` says what a level means', async () => {
    const transport = { severity: { top: 21, low: 5 } }
    expect(await numbersOf({ top: 0, low: 1 }, { transport })).toEqual([
      ['top', 21],
      ['low', 5],
    ])
    expect(
      Object.fromEntries(await numbersOf(syslog.levels, { transport: { severity: { crit: 21, emerg: 23 } } })),
    ).toMatchObject({
      emerg: 23,
      crit: 21,
      error: 17,
    })
  })

  it('S7: the same name has the number of the set of the logger that wrote it, on one transport', async () => {
    const transport = yard.open()
    const records = await yard.arrived(() => {
      for (const levels of [npm.levels, cli.levels, npm.levels]) {
        createLogger({ levels, level: 'silly', transports: [transport] }).verbose('x')
      }
      return transport.flush()
    })
    expect(records.map(({ severityNumber }) => severityNumber)).toEqual([6, 3, 6])
  })

  it.each(['WARN', 'warn', 13])(
    'S8: minimumSeverity %p leaves out what is less severe, and keeps what says nothing',
    async (minimumSeverity) => {
      const transport = yard.open({ minimumSeverity })
      const own = createLogger({ levels: { top: 0, low: 1 }, level: 'low', transports: [transport] })
      const logger = createLogger({ level: 'silly', transports: [transport] })
      const records = await yard.arrived(() => {
        for (const level of Object.keys(npm.levels)) logger[level]!(level)
        own['low']!('nothing')
        return transport.flush()
      })
      expect(records.map(({ body }) => body)).toEqual(['error', 'warn', 'nothing'])
      expect(transport.stats()).toMatchObject({ received: 8, sent: 3, filtered: 5, dropped: { total: 0 } })
    },
  )

  it("S1: a field of the app called severity is not the record's, and is sent under another name", async () => {
    const record = await yard.one((log) => log['warn']!('x', { severity: 2, lvl: 'x' }))
    expect(record).toMatchObject({ severityNumber: 13, severityText: 'warn' })
    expect({ ...record.attributes }).toEqual({ 'custom.severity': 2, 'custom.lvl': 'x' })
  })
})
