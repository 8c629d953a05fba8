// docs/conformance.md and the tests say the same: no row without a test, and no number in a title that nobody can look up.
// The faults' numbers (F01) are looked up in docs/faults.md, which has a test like this one.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(__dirname, '../../../..')
const DOC = join(ROOT, 'docs/conformance.md')

/** The table of rows that have a reason instead. */
const WITHOUT = '\n## Without a test\n'

interface Row {
  number: string
  /** Files of its tests. */
  files: string[]
}

/** The rows of all tables but the last. */
function rowsOfDoc(): Row[] {
  const lines = readFileSync(DOC, 'utf8')
    .split(WITHOUT)[0]!
    .matchAll(/^\| ([A-Z]\d+) +\|.*\|$/gm)
  return [...lines].map(([line, number]) => {
    const links = line.matchAll(/\]\(([^)]+\.test\.ts)\)/g)
    return { number: number!, files: [...links].map(([, link]) => resolve(ROOT, 'docs', link!)) }
  })
}

/** The rows of the last table, with what stands in their last cell. */
function reasonsOfDoc(): Map<string, string> {
  const lines = readFileSync(DOC, 'utf8')
    .split(WITHOUT)[1]!
    .matchAll(/^\| ([A-Z]\d+) +\|.*\| ([^|]+)\|$/gm)
  return new Map([...lines].map(([, number, why]) => [number!, why!.trim()]))
}

/** Every number that there is, as the doc's own ranges say: 'R1 to R23'. */
function allNumbers(): string[] {
  const ranges = readFileSync(DOC, 'utf8')
    .split('\n## ')[0]!
    .matchAll(/\b([A-Z])1 to \1(\d+)\b/g)
  return [...ranges].flatMap(([, letter, last]) => Array.from({ length: Number(last) }, (_, i) => `${letter}${i + 1}`))
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

  const reasons = reasonsOfDoc()

  it('has each number once, of all that there are: with a test, or with a reason why there is none', () => {
    const all = allNumbers()
    expect(all).toHaveLength(164)
    expect([...numbers, ...reasons.keys()].toSorted()).toEqual(all.toSorted())
  })

  it('says why a row has no test, which then really has none', () => {
    const vague = [...reasons].filter(([, why]) => !/^(?:note|reason): .{20,}\.$/.test(why))
    expect(vague).toEqual([])
    const titled = new Set([...tested.values()].flat())
    expect([...reasons.keys()].filter((number) => titled.has(number))).toEqual([])
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
