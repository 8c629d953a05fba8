import { globalLoggerProvider, isLoggerProvider } from './logger-provider.ts'

const API = Symbol.for('opentelemetry.js.api.1')
const LOGS_API = Symbol.for('io.opentelemetry.js.api.logs')
const globals = globalThis as { [API]?: object; [LOGS_API]?: unknown }

const provider = () => ({ getLogger: () => ({ emit() {} }) })

afterEach(() => {
  delete globals[API]
  delete globals[LOGS_API]
})

describe('globalLoggerProvider', () => {
  it('finds none where none is registered, also beside a tracer', () => {
    expect(globalLoggerProvider()).toBeUndefined()
    globals[API] = { version: '1.10.0', trace: {} }
    expect(globalLoggerProvider()).toBeUndefined()
  })

  it('B16: finds the one of API 1.10, and that of the older api-logs', () => {
    const [newer, older] = [provider(), provider()]
    globals[LOGS_API] = (version: number) => (version === 1 ? older : undefined)
    expect(globalLoggerProvider()).toBe(older)
    globals[API] = { version: '1.9.1', trace: {} }
    expect(globalLoggerProvider()).toBe(older)
    globals[API] = { version: '1.10.0', logs: newer }
    expect(globalLoggerProvider()).toBe(newer)
  })

  it.each([
    [
      'a global that throws',
      () => {
        throw new Error('no')
      },
    ],
    ['no function', {}],
    ['another version', () => undefined],
  ])('never throws for %s', (_, older) => {
    globals[LOGS_API] = older
    expect(globalLoggerProvider()).toBeUndefined()
  })
})

test.each([
  [provider(), true],
  [{}, false],
  [undefined, false],
  ['global', false],
])('isLoggerProvider(%j) is %s', (value, is) => {
  expect(isLoggerProvider(value)).toBe(is)
})
