import { Figures, NOT_MEASURED, quantity } from './measured.ts'

describe('Figures', () => {
  const figures = new Figures([
    { fault: 'F28', of: 'otlpStream, process.exit', values: { exitMillis: 5012, lost: 1007 } },
    { fault: 'F28', of: 'winston, process.exit', values: { exitMillis: 5230 } },
    { fault: 'F28', of: 'winston, closeTimeoutMillis 0', values: { exitMillis: 41.4 } },
    { fault: 'F31', of: 'otlpTransport, at full speed', values: { restartMillis: null as never, said: 'yes' } },
  ])

  test('tell the extremes of a value, with its unit', () => {
    expect(figures.least('F28', 'exitMillis')).toBe('41 ms')
    expect(figures.most('F28', 'exitMillis')).toBe('5.2 s')
    expect(figures.range('F28', 'exitMillis')).toBe('41 ms to 5.2 s')
  })

  test('tell those of some variants only', () => {
    expect(figures.range('F28', 'exitMillis', /process\.exit/)).toBe('5.0 to 5.2 s')
    expect(figures.range('F28', 'exitMillis', /otlpStream/)).toBe('5.0 s')
    expect(figures.of('F31')).toHaveLength(1)
  })

  test.each([
    ['F28', 'restartMillis'],
    ['F31', 'restartMillis'],
    ['F31', 'said'],
    ['F99', 'exitMillis'],
  ])('say that %s has no number %s', (fault, value) => {
    expect(figures.most(fault, value)).toBe(NOT_MEASURED)
  })
})

test.each([
  ['exitMillis', 0, '0 ms'],
  ['exitMillis', 7.26, '7.3 ms'],
  ['exitMillis', 999.6, '1000 ms'],
  ['exitMillis', 30_014, '30 s'],
  ['exitMillis', 132_000, '132 s'],
  ['rssMiB', 190.4, '190 MiB'],
  ['perLineMicros', 3.94, '3.9 µs'],
  ['lost', 1000, '1000'],
  ['lost', 96_416, '96 416'],
  ['lost', 1_000_000, '1 000 000'],
])('%s %d is written as %s', (name, value, text) => {
  expect(quantity(name, value)).toBe(text)
})
