// In a process of its own, as jest loads modules in another way than Node. Each case is told at once (resolveOptions, as on
// the app's thread) and awaited (importConfigModule, as in a worker).

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeTempFolder, runApp, type TempFolder } from '@otlp-logs/test-support'

const READS_TYPESCRIPT = process.features.typescript !== false

/** A file, and what is in it. */
const FILES: Readonly<Record<string, string>> = {
  'esm.mjs': `export default { filter: () => true, maxQueueSize: 7, scope: { name: 'module' } }`,
  'cjs.cjs': `module.exports = { filter: () => true, maxQueueSize: 7, scope: { name: 'module' } }`,
  'compiled.cjs': `
    Object.defineProperty(exports, '__esModule', { value: true })
    exports.default = { filter: () => true, maxQueueSize: 7, scope: { name: 'module' } }`,
  'typed.mts': `
    interface Options { filter: () => boolean; maxQueueSize: number; scope: { name: string } }
    export default { filter: () => true, maxQueueSize: 7, scope: { name: 'module' } } satisfies Options`,
  'node_modules/otlp-config/index.js': `module.exports = { filter: () => true, maxQueueSize: 7, scope: { name: 'module' } }`,
  'awaits.mjs': `export default await Promise.resolve({ maxQueueSize: 7 })`,
  'throws.mjs': `throw new Error('no such\\nvault')`,
  'wrong-syntax.mjs': `export default {`,
  'no-default.mjs': `export const filter = () => true`,
  'function.mjs': `export default () => ({})`,
  'promise.mjs': `export default Promise.resolve({})`,
  'text.cjs': `module.exports = 'filter'`,
  'wrong-member.mjs': `export default { filter: 'severity > 9' }`,
  'nested.mjs': `export default { configModule: './esm.mjs' }`,
  'unknown.mjs': `export default { filters: () => true }`,
}

interface Told {
  filter?: string
  maxQueueSize?: number
  scope?: { name: string }
  warnings?: string[]
  error?: string
}

/** Prints what each of the modules comes to. */
const PROGRAM = `
import { importConfigModule, resolveOptions } from 'otlp-logs-core'
const [how, folder, ...names] = process.argv.slice(2)
process.chdir(folder)
const tell = (resolve) => {
  try {
    const { settings: { filter, maxQueueSize, scope }, warnings } = resolve()
    return { filter: typeof filter, maxQueueSize, scope, warnings }
  } catch (error) {
    return { error: error instanceof TypeError ? error.message : 'no TypeError: ' + error }
  }
}
const told = {}
for (const name of names) {
  const options = { configModule: name, scope: { name: 'beside' }, filter: undefined }
  if (how === 'atOnce') told[name] = tell(() => resolveOptions(options, { env: {} }))
  else {
    told[name] = await importConfigModule(name).then(
      (loaded) => tell(() => resolveOptions(options, { env: {}, loaded })),
      (error) => tell(() => { throw error }),
    )
  }
}
console.log(JSON.stringify(told))
`

let folder: TempFolder
let told: Record<string, [atOnce: Told, awaited: Told]>
const at = (file: string): string => join(folder.path, file)

beforeAll(async () => {
  folder = makeTempFolder()
  mkdirSync(at('node_modules/otlp-config'), { recursive: true })
  for (const [file, source] of Object.entries(FILES)) writeFileSync(at(file), source)
  const given = ['./esm.mjs', at('esm.mjs'), pathToFileURL(at('esm.mjs')).href, 'otlp-config', './gone.mjs', 'gone']
  const names = [...given, 'file:gone', ...Object.keys(FILES)]
  const [atOnce, awaited] = await Promise.all(['atOnce', 'awaited'].map((how) => tellAll(how, names)))
  told = Object.fromEntries(names.map((name) => [name, [atOnce![name]!, awaited![name]!]]))
})
afterAll(() => folder.remove())

/** In a process for each: Node does not load a module by one way that it could not load by the other. */
async function tellAll(how: string, names: string[]): Promise<Record<string, Told>> {
  const { stdout, stderr } = await runApp(PROGRAM, {
    resolveFrom: join(__dirname, '..'),
    args: [how, folder.path, ...names],
    // Of stripping types, in some versions.
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Record<string, Told>
}

const RIGHT = { filter: 'function', maxQueueSize: 7, scope: { name: 'beside' }, warnings: [] }

describe('configModule', () => {
  test.each([
    ['an ES module', 'esm.mjs'],
    ['CommonJS', 'cjs.cjs'],
    ['CommonJS that a compiler made of an ES module', 'compiled.cjs'],
    ['a path with a dot', './esm.mjs'],
    ['the name of a package', 'otlp-config'],
  ])('takes %s, and options beside it win', (_, name) => {
    expect(told[name]).toEqual([RIGHT, RIGHT])
  })

  test('takes an absolute path and a file URL', () => {
    expect(told[at('esm.mjs')]).toEqual([RIGHT, RIGHT])
    expect(told[pathToFileURL(at('esm.mjs')).href]).toEqual([RIGHT, RIGHT])
  })

  test('takes TypeScript where Node strips types, and says elsewhere which Node does', () => {
    const wrong = {
      error: expect.stringMatching(/could not be loaded.*Node 22\.18 and 24 can load TypeScript/) as string,
    }
    expect(told['typed.mts']).toEqual(READS_TYPESCRIPT ? [RIGHT, RIGHT] : [wrong, wrong])
  })

  test('waits for a top-level await where it can, and says elsewhere what to do', () => {
    const [atOnce, awaited] = told['awaits.mjs']!
    expect(awaited).toMatchObject({ maxQueueSize: 7 })
    expect(atOnce.error).toBe(
      `\`configModule\` ${at('awaits.mjs')} has a top-level await, and is to be loaded at once here: await in \`headers()\`, or ship from a worker`,
    )
  })

  test.each([
    ['./gone.mjs', 'got `./gone.mjs`: no file FOLDER/gone.mjs'],
    ['gone', 'got `gone`: there is no file FOLDER/gone and no such package'],
    ['file:gone', 'got `file:gone`'],
    ['throws.mjs', '`configModule` FOLDER/throws.mjs could not be loaded: no such vault'],
    ['wrong-syntax.mjs', 'FOLDER/wrong-syntax.mjs could not be loaded: Unexpected end of input'],
    [
      'no-default.mjs',
      'Expected `the default export of FOLDER/no-default.mjs` to be an object of options, got undefined',
    ],
    ['function.mjs', 'to be an object of options, got a function'],
    ['promise.mjs', 'got a promise, which the module is to await'],
    ['text.cjs', 'to be an object of options, got a string'],
    [
      'wrong-member.mjs',
      'Expected `filter` to be a function, got `severity > 9` (string), in `configModule` FOLDER/wrong-member.mjs',
    ],
    ['nested.mjs', 'Expected `configModule in FOLDER/nested.mjs` to be left out'],
  ])('says of %s what is wrong, and where', (name, message) => {
    for (const { error } of told[name]!) expect(error).toContain(message.replace('FOLDER', folder.path))
  })

  test('warns of what it does not know in it', () => {
    const warnings = ['Ignored unknown option: `filters` (did you mean `filter`?)']
    expect(told['unknown.mjs']).toMatchObject([{ warnings }, { warnings }])
  })
})
