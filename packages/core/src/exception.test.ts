import { runInNewContext } from 'node:vm'
import { toException } from './exception.ts'

const STACK = 'TypeError: boom\n    at f (/app.js:1:1)'

describe('toException', () => {
  it.each<[string, unknown, boolean, object | undefined]>([
    [
      'what a serializer makes of an error',
      { type: 'TypeError', message: 'boom', stack: STACK },
      false,
      {
        attributes: { 'exception.type': 'TypeError', 'exception.message': 'boom', 'exception.stacktrace': STACK },
        rest: undefined,
      },
    ],
    [
      'what else an error carries',
      { type: 'TypeError', message: 'boom', stack: STACK, code: 'E_X', aggregateErrors: [1] },
      false,
      { rest: { code: 'E_X', aggregateErrors: [1] } },
    ],
    [
      'a name, where there is no type',
      { name: 'RangeError', message: 'boom', stack: STACK },
      false,
      { attributes: { 'exception.type': 'RangeError' }, rest: undefined },
    ],
    [
      'a name beside another type',
      { type: 'T', name: 'N', message: 'm', stack: STACK },
      false,
      { attributes: { 'exception.type': 'T' }, rest: { name: 'N' } },
    ],
    ['a name that says the same', { type: 'T', name: 'T', message: 'm', stack: STACK }, false, { rest: undefined }],
    [
      'a stack alone, by its first word',
      { stack: STACK },
      false,
      { attributes: { 'exception.type': 'TypeError', 'exception.stacktrace': STACK } },
    ],
    [
      'no message of another kind',
      { type: 'T', message: 5, stack: STACK },
      false,
      { attributes: { 'exception.type': 'T' }, rest: { message: 5 } },
    ],
    [
      'type and message under the key for errors',
      { type: 'T', message: 'm' },
      true,
      { attributes: { 'exception.type': 'T', 'exception.message': 'm' } },
    ],
    ['an empty message', { type: 'T', message: '', stack: STACK }, false, { attributes: { 'exception.message': '' } }],
    ['an object with type and message anywhere else', { type: 'T', message: 'm' }, false, undefined],
    ['an object with a message only', { message: 'm' }, true, undefined],
    ['an empty stack', { type: 'T', message: 'm', stack: '' }, false, undefined],
    ['a stack that names nothing', { stack: '    at f' }, false, undefined],
    ['a text', 'boom', true, undefined],
    ['null', null, true, undefined],
    ['a number', 5, true, undefined],
    ['an array', ['TypeError', 'boom'], true, undefined],
    ['an empty object', {}, true, undefined],
  ])('reads %s', (_name, value, atErrorKey, expected) => {
    const exception = toException(value, atErrorKey)
    if (expected === undefined) expect(exception).toBeUndefined()
    else expect(exception).toMatchObject(expected)
  })

  it('reads an Error: its class, message, stack, and the rest', () => {
    class OrderError extends Error {}
    const error = Object.assign(new OrderError('boom'), { code: 'E_X', type: 'system' })
    expect(toException(error)).toEqual({
      attributes: { 'exception.type': 'OrderError', 'exception.message': 'boom', 'exception.stacktrace': error.stack },
      rest: { code: 'E_X', type: 'system' },
    })
  })

  it('tells the causes of an Error in its stack trace, and with their fields beside it', () => {
    const inner = Object.assign(new RangeError('inner'), { code: 'ECONNREFUSED' })
    const middle = new TypeError('middle', { cause: inner })
    const error = new Error('outer', { cause: middle })
    expect(toException(error)).toEqual({
      attributes: {
        'exception.type': 'Error',
        'exception.message': 'outer',
        'exception.stacktrace': `${error.stack}\ncaused by: ${middle.stack}\ncaused by: ${inner.stack}`,
      },
      rest: {
        cause: {
          type: 'TypeError',
          message: 'middle',
          cause: { type: 'RangeError', message: 'inner', code: 'ECONNREFUSED' },
        },
      },
    })
  })

  it('keeps a cause that is no Error as it is', () => {
    const error = new Error('outer', { cause: { status: 503 } })
    const expected = { attributes: { 'exception.stacktrace': error.stack }, rest: { cause: { status: 503 } } }
    expect(toException(error)).toMatchObject(expected)
  })

  it('ends at a cause that comes again', () => {
    const error = new Error('outer')
    error.cause = new Error('inner', { cause: error })
    const exception = toException(error)
    expect(exception?.attributes['exception.stacktrace']?.match(/caused by: .*/g)).toEqual([
      'caused by: Error: inner',
      'caused by: [Circular]',
    ])
    const again = { type: 'Error', message: 'outer' }
    expect(exception?.rest).toEqual({ cause: { type: 'Error', message: 'inner', cause: again } })
  })

  it('ends a chain of causes after ten', () => {
    let error = new Error('0')
    for (let i = 1; i <= 1000; i++) error = new Error(String(i), { cause: error })
    const exception = toException(error)
    expect(exception?.attributes['exception.stacktrace']?.match(/caused by: /g)).toHaveLength(10)
    expect(JSON.stringify(exception?.rest).match(/"cause":/g)).toHaveLength(11)
  })

  it('leaves what throws to whoever writes it', () => {
    const fail = (): never => {
      throw new Error('no')
    }
    expect(toException(Object.defineProperty(new Error('boom'), 'stack', { get: fail }))).toBeUndefined()
    expect(toException(new Proxy({}, { get: fail, ownKeys: fail }), true)).toBeUndefined()
  })

  it('reads an AggregateError with its errors', () => {
    const errors = [new Error('one')]
    expect(toException(new AggregateError(errors, 'many'))?.rest).toEqual({ errors })
  })

  it('reads an Error of another realm', () => {
    expect(toException(runInNewContext('new RangeError("far")'))?.attributes).toMatchObject({
      'exception.type': 'RangeError',
      'exception.message': 'far',
    })
  })

  it('reads an Error that has lost its stack', () => {
    const error = new Error('boom')
    delete error.stack
    expect(toException(error)?.attributes).toEqual({ 'exception.type': 'Error', 'exception.message': 'boom' })
  })

  it('changes nothing of the error', () => {
    const value = Object.freeze({ type: 'T', message: 'm', stack: STACK, code: 1 })
    expect(toException(value)?.rest).toEqual({ code: 1 })
  })
})
