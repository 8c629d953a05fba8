// docs/conformance.md and the tests say the same: no row without a test, and no number in a title that nobody can look up.
// The faults' numbers (F01) are looked up in docs/faults.md, which has a test like this one.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(__dirname, '../../../..')
const DOC = join(ROOT, 'docs/conformance.md')

interface Row {
  number: string
  /** Files of its tests. */
  files: string[]
}

/** The rows of all tables. */
function rowsOfDoc(): Row[] {
  const lines = readFileSync(DOC, 'utf8').matchAll(/^\| ([A-Z]\d+) +\|.*\|$/gm)
  return [...lines].map(([line, number]) => {
    const links = line.matchAll(/\]\(([^)]+\.test\.ts)\)/g)
    return { number: number!, files: [...links].map(([, link]) => resolve(ROOT, 'docs', link!)) }
  })
}

/** Test files of all packages. */
function testFiles(): string[] {
  const folders = readdirSync(join(ROOT, 'packages')).flatMap((name) =>
    ['src', 'test'].map((folder) => join(ROOT, 'packages', name, folder)),
  )
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.test.ts'))
}

/** The rows that a file's titles begin with: 'R2: ...', or 'R2, R3: ...'. */
function rowsOfTests(file: string): string[] {
  const titles = readFileSync(file, 'utf8').matchAll(/['"`]([A-Z]\d+(?:, [A-Z]\d+)*): /g)
  return [...titles].flatMap(([, numbers]) => numbers!.split(', '))
}

describe('docs/conformance.md', () => {
  const rows = rowsOfDoc()
  const numbers = rows.map(({ number }) => number)
  const tested = new Map(testFiles().map((file) => [file, rowsOfTests(file)]))

  it('has each row once, and about as many as there are', () => {
    expect(numbers.length).toBeGreaterThan(90)
    expect(numbers).toEqual([...new Set(numbers)])
  })

  it('names for each row a file with a test whose title begins with its number', () => {
    const without = rows.filter(
      ({ number, files }) => files.length === 0 || !files.every((file) => tested.get(file)?.includes(number)),
    )
    expect(without).toEqual([])
  })

  it('has a row for each number that a title begins with', () => {
    const unknown = [...tested].flatMap(([file, used]) =>
      used
        .filter((number) => !number.startsWith('F') && !numbers.includes(number))
        .map((number) => `${number} in ${file}`),
    )
    expect(unknown).toEqual([])
  })
})
