// Each benchmark runs, in a fraction of its time, and gives all of its figures; the document is what the figures say. How
// fast anything is, is not judged here: only that all of it works, and that nothing is lost where nothing should be.

import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeTempFolder, type TempFolder } from '@otlp-logs/test-support'
import type { Results } from '../src/results.ts'

/** The busiest machine would not take so long. */
const TEST_MILLIS = 180_000
const DOC = join(__dirname, '../../../docs/benchmarks.md')

let folder: TempFolder

beforeEach(() => {
  folder = makeTempFolder()
})

afterEach(() => folder.remove())

async function run(file: string, ...args: string[]): Promise<string> {
  const command = ['--disable-warning=ExperimentalWarning', join(__dirname, '../src', file), ...args]
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 24 })
  return stdout
}

describe('npm run bench', () => {
  test.each(['encode', 'app-thread', 'whole-process', 'burst', 'outage', 'journal', 'growth', 'start-up'])(
    '%s gives all of its figures, and loses none of its few lines',
    async (name) => {
      const out = join(folder.path, 'results.json')
      const told = await run('bench.ts', name, '--smoke', '--out', out)
      const { samples } = (JSON.parse(readFileSync(out, 'utf8')) as Results)[name]!
      expect(samples.length).toBeGreaterThan(0)
      const unmeasured = samples.filter(({ values }) => !Object.values(values).every((value) => Number.isFinite(value)))
      expect(unmeasured).toEqual([])
      expect(samples.filter(({ values }) => values['lost'] !== undefined && values['lost'] !== 0)).toEqual([])
      expect(told).toContain('| ---')
      expect(told).not.toMatch(/NaN|undefined|null/)
    },
    TEST_MILLIS,
  )

  test('a name that no benchmark has is a mistake, and the names are told', async () => {
    await expect(run('bench.ts', 'speed')).rejects.toThrow('Expected the name of a benchmark (encode, app-thread, ')
  })
})

test(
  'npm run bench:profile writes a profile of what a benchmark does, and tells where the time went',
  async () => {
    const told = await run('profile.ts', 'start-up', 'pino-otlp', '--folder', folder.path)
    expect(told).toContain(folder.path)
    expect(told).toContain('By function, itself only:')
  },
  TEST_MILLIS,
)

test(
  'docs/benchmarks.md is what `npm run bench -- --render` writes',
  async () => {
    const doc = join(folder.path, 'benchmarks.md')
    await run('bench.ts', '--render', '--doc', doc)
    expect(existsSync(doc)).toBe(true)
    expect(readFileSync(DOC, 'utf8')).toBe(readFileSync(doc, 'utf8'))
  },
  TEST_MILLIS,
)
