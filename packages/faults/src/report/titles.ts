// Which test judges which fault: titles begin with the fault's number, alone ('F03: ...') or with others ('F02, D4: ...').

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** The test files of a package's folder. */
export function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(folder, name))
    .toSorted()
}

/** The numbers of faults that titles in this file begin with, each once. */
export function faultsIn(file: string): string[] {
  const titles = readFileSync(file, 'utf8').matchAll(/['"`]([A-Z]\d+(?:, [A-Z]\d+)*): /g)
  const numbers = [...titles].flatMap(([, all]) => all!.split(', '))
  return [...new Set(numbers.filter((number) => number.startsWith('F')))]
}

/** Paths of the files that test a fault, from the root of the repository, with slashes. */
export type Tested = ReadonlyMap<string, readonly string[]>

/** @param root of the repository */
export function faultsTested(root: string): Tested {
  const tested = new Map<string, string[]>()
  for (const file of testFiles(join(root, 'packages/faults/test'))) {
    const path = relative(root, file).split(sep).join('/')
    for (const number of faultsIn(file)) tested.set(number, [...(tested.get(number) ?? []), path])
  }
  return tested
}
