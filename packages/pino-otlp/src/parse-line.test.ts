import * as fc from 'fast-check'
import { type Line, type LineKeys, parseLine } from './parse-line.ts'

const KEYS: LineKeys = { level: 'level', time: 'time', isLevelName: (name) => name === 'level' || name === 'severity' }
const NOW = 1_795_239_200_469

function parse(text: string, keys: Partial<LineKeys> = {}): Line {
  const line = parseLine(text, { ...KEYS, ...keys })
  if ('value' in line) throw new Error(`It is no line: ${text}`)
  return line
}

describe('parseLine', () => {
  it.each<[string, string, Partial<Line>]>([
    [
      "a line of pino's",
      `{"level":30,"time":${NOW},"msg":"x"}`,
      { level: 30, time: NOW, userLevel: false, userTime: false },
    ],
    [
      'a level logged again',
      `{"level":30,"time":${NOW},"level":"gold"}`,
      { level: 30, time: NOW, userLevel: true, userTime: false },
    ],
    [
      'a time logged again',
      `{"level":30,"time":${NOW},"time":"12:30"}`,
      { level: 30, time: NOW, userLevel: false, userTime: true },
    ],
    ['a time logged again that begins like it', `{"level":30,"time":${NOW},"time":1}`, { time: NOW, userTime: true }],
    [
      'a level logged again that begins like it',
      `{"level":30,"time":${NOW},"level":3}`,
      { level: 30, userLevel: true },
    ],
    [
      'both logged again, as they are',
      `{"level":30,"time":${NOW},"level":30,"time":${NOW}}`,
      { level: 30, time: NOW, userLevel: false, userTime: false },
    ],
    ['nothing but level and time', `{"level":30,"time":${NOW}}`, { level: 30, time: NOW }],
    ['a level as a text', `{"level":"info","time":${NOW}}`, { level: 'info', time: NOW }],
    [
      'a level as a text, logged again',
      `{"level":"info","time":${NOW},"level":"gold"}`,
      { level: 'info', userLevel: true },
    ],
    [
      'a level under another name',
      `{"severity":"WARN","time":${NOW}}`,
      { level: 'WARN', levelKey: 'severity', time: NOW },
    ],
    ['no level', `{"time":${NOW},"msg":"x"}`, { level: undefined, time: NOW }],
    ['a level that is no number', '{"level":null}', { level: null }],
    ['a negative level', `{"level":-5.5,"time":${NOW}}`, { level: -5.5 }],
    [
      'an ISO time',
      '{"level":30,"time":"2026-11-21T05:33:20.469Z"}',
      { time: '2026-11-21T05:33:20.469Z', userTime: false },
    ],
    [
      'an ISO time, and a field of that name',
      '{"level":30,"time":"2026-11-21T05:33:20.469Z","time":"noon"}',
      { time: '2026-11-21T05:33:20.469Z', userTime: true },
    ],
    ['seconds', '{"level":30,"time":1795239200}', { time: 1_795_239_200, userTime: false }],
    [
      'a time under another name',
      '{"level":30,"@timestamp":"2026-11-21T05:33:20Z"}',
      { time: '2026-11-21T05:33:20Z', timeKey: '@timestamp', userTime: false },
    ],
    ['nanoseconds', '{"level":30,"time":1795239200469000123,"msg":"x"}', { time: 1_795_239_200_469_000_123n }],
    ['no time, but a field of that name', '{"level":30,"pid":1,"time":"12:30"}', { time: undefined, userTime: true }],
    ['no time, but a duration of that name', '{"level":30,"pid":1,"time":12.5}', { time: undefined, userTime: true }],
    ['a time behind other fields', `{"level":30,"pid":1,"time":${NOW}}`, { time: NOW, userTime: false }],
    ['no time at all', '{"level":30,"msg":"x"}', { time: undefined, userTime: false }],
    ['an escaped key in front', '{"a\\"b":1,"level":30}', { level: 30 }],
    ['an empty object', '{}', { level: undefined, time: undefined }],
    ['a line with CRLF', `{"level":30,"time":${NOW}}\r`, { level: 30, time: NOW }],
  ])("reads pino's own level and time from %s", (_name, text, expected) => {
    expect(parse(text)).toMatchObject(expected)
  })

  it('knows level and time under the names it is told', () => {
    const keys = { level: 'sev', time: 'at' }
    expect(parse(`{"sev":30,"at":${NOW},"level":1,"sev":2}`, keys)).toMatchObject({
      level: 30,
      time: NOW,
      levelKey: 'sev',
      timeKey: 'at',
      userLevel: true,
    })
    expect(parse(`{"level":30,"time":${NOW}}`)).toMatchObject({ level: 30, time: NOW })
  })

  it('keeps integers exact that a float64 would round', () => {
    const { fields } = parse(
      '{"id":9007199254740993,"neg":-9223372036854775808,"in":[12345678901234567890],"ok":9007199254740991,"f":1234567890123456.5,"e":1e21}',
    )
    expect(fields).toEqual({
      id: 9007199254740993n,
      neg: -9223372036854775808n,
      in: [12345678901234567890n],
      ok: 9007199254740991,
      f: 1234567890123456.5,
      e: 1e21,
    })
  })

  it('takes digits in a text for a text', () => {
    expect(parse('{"a":"x: 12345678901234567890","b":"12345678901234567890"}').fields).toEqual({
      a: 'x: 12345678901234567890',
      b: '12345678901234567890',
    })
  })

  it.each<[string, unknown]>([
    ['plain text', 'plain text'],
    ['plain text\r', 'plain text'],
    ['{"cut":', '{"cut":'],
    ['"a text"', 'a text'],
    ['5', 5],
    ['null', null],
    ['[1,2]', [1, 2]],
    ['', ''],
  ])('gives what is no object as it is: %j', (text, value) => {
    expect(parseLine(text, KEYS)).toEqual({ value })
  })

  it('makes of __proto__ a field like any other', () => {
    const { fields } = parse('{"level":30,"__proto__":{"polluted":1}}')
    expect(Object.keys(fields)).toEqual(['level', '__proto__'])
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('never throws, and gives fields as JSON.parse does, but for what that rounds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
        const line = parseLine(text, KEYS)
        if ('value' in line) return
        const rounded = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)
        expect(JSON.stringify(line.fields, rounded)).toBe(JSON.stringify(JSON.parse(text)))
      }),
    )
  })

  it("finds pino's own level and time in front, whatever object was logged", () => {
    const fields = fc.dictionary(
      fc.oneof(fc.constantFrom('level', 'time', 'msg', 'severity'), fc.string()),
      fc.jsonValue(),
      { maxKeys: 5 },
    )
    fc.assert(
      fc.property(
        fields,
        fc.integer({ min: -5, max: 100 }),
        fc.integer({ min: 1e12, max: 2e12 }),
        (logged, level, time) => {
          const inner = JSON.stringify(logged).slice(1)
          const line = parse(`{"level":${level},"time":${time}${inner === '}' ? '' : ','}${inner}`)
          expect([line.level, line.time]).toEqual([level, time])
          // What the user logged under these names is told apart, unless it is the same.
          expect(line.userLevel).toBe(Object.hasOwn(logged, 'level') && logged['level'] !== level)
          expect(line.userTime).toBe(Object.hasOwn(logged, 'time') && logged['time'] !== time)
        },
      ),
    )
  })
})
