import * as fc from 'fast-check'
import { countLines, Lines } from './lines.ts'

function linesOf(chunks: unknown[]): string[] {
  const seen: string[] = []
  const lines = new Lines(
    (line) => seen.push(line),
    () => seen.push('(refused)'),
  )
  for (const chunk of chunks) lines.push(chunk)
  lines.end()
  return seen
}

/** By the book: what stands between line feeds, without what is empty. */
const expectedOf = (text: string): string[] => text.split('\n').filter((line) => line !== '' && line !== '\r')

/** Cuts at the given places, in any order. */
function cut<T extends string | Buffer>(whole: T, places: number[]): T[] {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].toSorted((a, b) => a - b)
  return ends.map((end, i) => (whole as string).slice(i === 0 ? 0 : ends[i - 1], end) as T)
}

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('\n', '\n', '\r\n', '{"a":"é€😀"}', '', '\n\n'),
)
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
const places = fc.array(fc.nat(200), { maxLength: 8 })

describe('Lines', () => {
  it('are the same, however the text is cut into chunks', () => {
    fc.assert(
      fc.property(text, places, (whole, at) => {
        expect(linesOf(cut(whole, at))).toEqual(expectedOf(whole))
      }),
    )
  })

  it('are the same, however the bytes are cut, also within a character', () => {
    fc.assert(
      fc.property(text, places, (whole, at) => {
        expect(linesOf(cut(Buffer.from(whole), at))).toEqual(expectedOf(whole))
      }),
    )
  })

  it('come with the line, not with the next chunk', () => {
    const seen: string[] = []
    const lines = new Lines(
      (line) => seen.push(line),
      () => {},
    )
    lines.push('a\nb')
    expect(seen).toEqual(['a'])
    lines.push('\n')
    expect(seen).toEqual(['a', 'b'])
  })

  it('may be plain bytes, or anything with a text', () => {
    expect(linesOf([new TextEncoder().encode('é\n'), 5, '\n', { toString: () => 'x' }])).toEqual(['é', '5', 'x'])
  })

  it('are refused, each once, when they are too long to be one; those around stay', () => {
    const mib = 'x'.repeat(1024 * 1024)
    const chunks = ['before\n', ...Array.from({ length: 65 }, () => mib), 'rest\nafter\n', 'last']
    expect(linesOf(chunks)).toEqual(['before', '(refused)', 'after', 'last'])
    expect(linesOf(Array.from({ length: 65 }, () => mib))).toEqual(['(refused)'])
  })
})

describe('countLines', () => {
  it('agrees with Lines', () => {
    fc.assert(fc.property(text, (whole) => expect(countLines(whole)).toBe(linesOf([whole]).length)))
  })

  it.each<[string, number]>([
    ['', 0],
    ['\n', 0],
    ['\r\n', 0],
    ['a', 1],
    ['a\n', 1],
    ['a\r\n', 1],
    ['a\nb\n', 2],
    ['a\n\n\nb', 2],
    ['\na\n', 1],
    ['a\n\r\nb\n', 2],
    ['a\n\r', 1],
  ])('counts %j as %d', (whole, count) => {
    expect(countLines(whole)).toBe(count)
    expect(linesOf([whole])).toHaveLength(count)
  })
})
