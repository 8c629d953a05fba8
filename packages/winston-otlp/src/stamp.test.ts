import winston from 'winston'
import Transport from 'winston-transport'
import { type Info, LEVEL, type LoggerLike, SPLAT } from './info.ts'
import { makeStamp, spanAtCall, STAMP, type Stamp, stampIn, stampWrites } from './stamp.ts'

/** Keeps the entries that it is given. */
class Keeper extends Transport {
  readonly infos: Info[] = []
  override log(info: Info, next: () => void): void {
    this.infos.push(info)
    next()
  }
}

function stampedLogger(format: winston.Logform.Format = winston.format.json()) {
  const keeper = new Keeper()
  const logger = winston.createLogger({ format, transports: [keeper] })
  stampWrites(logger as unknown as LoggerLike)
  return { logger, stamps: () => keeper.infos.map((info) => stampIn(info)), infos: keeper.infos }
}

describe('stampWrites', () => {
  it('stamps every entry, by whatever method, with its logger and its time', () => {
    const { logger, stamps } = stampedLogger()
    const before = Date.now()
    logger.info('a')
    logger.log('info', 'b')
    logger.log({ level: 'info', message: 'c' })
    logger.write({ level: 'info', message: 'd' })
    logger.startTimer().done({ message: 'e' })
    logger.child({}).info('f')
    logger.child({}).child({}).info('g')
    expect(stamps().map((stamp) => [stamp?.text, stamp?.logger === logger])).toEqual(
      [...'abcdefg'].map((text) => [text, true]),
    )
    for (const stamp of stamps()) {
      expect(stamp?.timeMillis).toBeGreaterThanOrEqual(before)
      expect(stamp?.timeMillis).toBeLessThanOrEqual(Date.now())
    }
  })

  it('leaves nothing on an entry that formats or copies would see', () => {
    const { logger, infos } = stampedLogger()
    logger.info('a')
    const [info] = infos
    expect(stampIn(info)).toBeDefined()
    expect(Object.getOwnPropertySymbols({ ...info })).not.toContain(STAMP)
    expect(Object.keys(info!).toSorted()).toEqual(['level', 'message'])
  })

  it('stamps what a format returns like what it was given', () => {
    const { logger, stamps } = stampedLogger(winston.format((info) => ({ ...info, message: 'new' }))())
    logger.info('old')
    expect(stamps()).toMatchObject([{ text: 'old' }])
  })

  it('gives an entry that is logged again a new stamp', () => {
    const { logger, stamps } = stampedLogger()
    const entry = { message: 'a' }
    const seen: (Stamp | undefined)[] = []
    for (let i = 0; i < 2; i++) {
      logger.info(entry)
      seen.push(stamps().at(-1))
    }
    expect(seen[0]).not.toBe(seen[1])
  })

  it('remembers the Error that a child takes apart, and what was logged before its own fields came in', () => {
    const { logger, infos, stamps } = stampedLogger()
    const error = new RangeError('boom')
    logger.child({ a: 1 }).child({ b: 1 }).error(error)
    expect(infos[0]).not.toBe(error)
    expect(stamps()).toMatchObject([{ error: { error, message: 'boom', place: 'entry' }, text: 'boom' }])
  })

  it('wraps a logger once, whatever copy of this module does it', async () => {
    const { logger, stamps } = stampedLogger()
    const { write, child, push } = logger
    await jest.isolateModulesAsync(async () => {
      const copy = await import('./stamp.ts')
      expect(copy.stampWrites).not.toBe(stampWrites)
      copy.stampWrites(logger as unknown as LoggerLike)
    })
    expect([logger.write, logger.child, logger.push]).toEqual([write, child, push])
    logger.info('a')
    expect(stamps()).toHaveLength(1)
  })

  it('lets a write of the app that throws throw, and stamps the next one right', () => {
    const failing = winston.format((info) => {
      if (info.message === 'bad') throw new Error('no')
      return info
    })
    const { logger, stamps } = stampedLogger(failing())
    const child = logger.child({ a: 1 })
    expect(() => child.info('bad')).toThrow('no')
    logger.info('good')
    expect(stamps().map((stamp) => stamp?.text)).toEqual(['good'])
  })

  it('passes over entries that cannot be stamped', () => {
    const { logger, infos } = stampedLogger(winston.format((info) => info)())
    const entry = Object.freeze({ [LEVEL]: 'info', level: 'info', message: 'a' })
    logger.write(entry)
    expect(infos).toEqual([entry])
    expect(stampIn(infos[0])).toBeUndefined()
    expect(spanAtCall(entry)).toBeUndefined()
  })
})

describe('makeStamp', () => {
  const error = new TypeError('boom')

  it.each<[string, Info, object]>([
    ['a text', { message: 'a' }, { text: 'a', error: undefined, splat: undefined, merged: false }],
    ['a message that is no text', { message: { a: 1 } }, { text: undefined }],
    ['an Error as the entry', error as unknown as Info, { text: 'boom', error: { place: 'entry', message: 'boom' } }],
    ['an Error as the message', { message: error }, { text: 'boom', error: { place: 'message' } }],
    ['an Error as an argument', { message: 'a', [SPLAT]: [1, error] }, { error: { place: 'argument' }, merged: false }],
    ['an Error in a field, which is no error of the call', { message: 'a', err: error }, { error: undefined }],
    ['fields in the entry', { message: 'a', b: 1, [SPLAT]: [{ b: 1 }, { c: 1 }] }, { merged: true }],
    ['fields that are only an argument', { message: '%s', b: 2, [SPLAT]: [{ b: 1 }] }, { merged: false }],
    ['a list as an argument', { message: 'a', 0: 1, [SPLAT]: [[1]] }, { merged: false, splat: [[1]] }],
    ['a time', { message: 'a', timestamp: 5 }, { timestamp: 5 }],
    ['a field `exception`, which is no crash', { message: 'a', exception: true }, { isCrash: false }],
    [
      'a crash',
      { message: 'uncaughtException: boom', exception: true, error, trace: [], os: {} },
      { isCrash: true, error: { place: 'crash' } },
    ],
    ['a crash by a text', { rejection: true, error: 'no', trace: [], os: {} }, { isCrash: true, error: undefined }],
  ])('knows %s', (_what, info, expected) => {
    expect(makeStamp(info)).toMatchObject(expected)
  })

  it('keeps the arguments that splat() takes out of the entry', () => {
    const splat = ['a', { b: 1 }]
    const stamp = makeStamp({ message: '%s', [SPLAT]: splat })
    splat.splice(0)
    expect(stamp.splat).toEqual(['a', { b: 1 }])
  })
})
