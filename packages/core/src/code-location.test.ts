import { toCodeLocation } from './code-location.ts'

const at = (path: string, line: number, column?: number, name?: string): object => ({
  'code.file.path': path,
  'code.line.number': line,
  ...(column !== undefined && { 'code.column.number': column }),
  ...(name !== undefined && { 'code.function.name': name }),
})

describe('toCodeLocation', () => {
  it.each<[string, object]>([
    ['orders.js:10', at('orders.js', 10)],
    ['/app/orders.js:10:5', at('/app/orders.js', 10, 5)],
    ['handler (/app/orders.js:10:5)', at('/app/orders.js', 10, 5, 'handler')],
    ['at handler (/app/orders.js:10:5)', at('/app/orders.js', 10, 5, 'handler')],
    ['  at async Orders.place (/app/orders.js:10:5)', at('/app/orders.js', 10, 5, 'async Orders.place')],
    ['file:///app/orders.mjs:10:5', at('/app/orders.mjs', 10, 5)],
    ['C:\\app\\orders.js:10:5', at('C:\\app\\orders.js', 10, 5)],
    ['/app/my orders.js:1', at('/app/my orders.js', 1)],
    ['Object.<anonymous> (node:internal/x:1:2)', at('node:internal/x', 1, 2, 'Object.<anonymous>')],
  ])('reads %s', (text, location) => {
    expect(toCodeLocation(text)).toEqual(location)
  })

  it.each<[unknown]>([
    ['orders.js'],
    ['12:30'.replace('12', '')],
    [''],
    [':5'],
    ['a\nb:1'],
    ['x:12345678901'],
    [5],
    [null],
    [{}],
    [['a:1']],
  ])('takes %p for none', (value) => {
    expect(toCodeLocation(value)).toBeUndefined()
  })

  it('is not slow for a long text that is none', () => {
    const started = performance.now()
    toCodeLocation(`${'a ('.repeat(5000)}:`)
    toCodeLocation(`${'at x '.repeat(5000)}`)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})
