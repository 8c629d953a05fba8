// docs/faults.md and docs/delivery.md say what the matrix, the tests and the figures say: no fault without a test, no number
// that nobody can look up, no promise without a fault that proves it, no figure that was not measured.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MATRIX } from '../src/matrix.ts'
import { CONTENDERS } from '../src/peers/contenders.ts'
import { SCENARIOS } from '../src/peers/scenarios.ts'
import { renderDeliveryDoc } from '../src/report/delivery-doc.ts'
import { renderFaultsDoc } from '../src/report/faults-doc.ts'
import { type Measured, NOT_MEASURED } from '../src/report/measured.ts'
import { ENDS, SECTIONS } from '../src/report/promises.ts'
import { faultsIn, faultsTested, testFiles } from '../src/report/titles.ts'

const ROOT = join(__dirname, '../../..')
const NUMBERS = MATRIX.map(({ number }) => number as string)

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

describe('docs/faults.md', () => {
  const tested = faultsTested(ROOT)

  it('is what `npm run faults:report -- --render` writes', () => {
    expect(read('docs/faults.md')).toBe(renderFaultsDoc(tested))
  })

  it('has each fault once, and a test whose title begins with its number', () => {
    expect(NUMBERS).toEqual([...new Set(NUMBERS)])
    expect(NUMBERS.filter((number) => !tested.has(number))).toEqual([])
  })

  it('has each number that a title begins with, in all packages', () => {
    const folders = readdirSync(join(ROOT, 'packages')).flatMap((name) =>
      ['src', 'test'].map((folder) => join(ROOT, 'packages', name, folder)),
    )
    const files = folders.filter((folder) => existsSync(folder)).flatMap(testFiles)
    const unknown = files.flatMap((file) =>
      faultsIn(file)
        .filter((number) => !NUMBERS.includes(number))
        .map((number) => `${number} in ${file}`),
    )
    expect(files.length).toBeGreaterThan(50)
    expect(unknown).toEqual([])
  })
})

describe('docs/delivery.md', () => {
  const measured = JSON.parse(read('packages/faults/figures.json')) as Measured
  const promises = [...ENDS, ...SECTIONS.flatMap((section) => section.promises)]

  it('is what `npm run faults:report -- --render` writes', () => {
    expect(read('docs/delivery.md')).toBe(renderDeliveryDoc(measured))
  })

  it('has a measured figure wherever a promise names one', () => {
    const lines = read('docs/delivery.md').split('\n')
    expect(lines.filter((line) => line.includes(NOT_MEASURED))).toEqual([])
  })

  it('has promises that name faults of the matrix, and each of these at least once', () => {
    const named = new Set<string>(promises.flatMap(({ provenBy }) => provenBy))
    expect([...named].toSorted()).toEqual(NUMBERS)
  })

  it('has figures of no other faults', () => {
    expect(measured.figures.filter(({ fault }) => !NUMBERS.includes(fault))).toEqual([])
  })

  it('has every fault that docs/journal.md names', () => {
    const ofJournal = [...new Set(read('docs/journal.md').match(/\bF\d\d\b/g))]
    expect(ofJournal.length).toBeGreaterThan(10)
    expect(ofJournal.filter((number) => !NUMBERS.includes(number))).toEqual([])
  })

  it('compares every transport in every scenario, each of which delivers all where all is well', () => {
    for (const [i, { name }] of SCENARIOS.entries()) {
      const expected = CONTENDERS.filter(({ plainOnly }) => i === 0 || !plainOnly).map((contender) => contender.name)
      const measuredOnes = measured.peers.filter(({ scenario }) => scenario === name).map(({ contender }) => contender)
      expect(measuredOnes).toEqual(expected)
    }
    const plain = measured.peers.filter(({ scenario }) => scenario === SCENARIOS[0]!.name)
    const working = CONTENDERS.filter(({ plainOnly }) => !plainOnly).map(({ name }) => name)
    expect(plain.filter(({ lost }) => lost === 0).map(({ contender }) => contender)).toEqual(working)
  })
})
