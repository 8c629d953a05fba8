// An app with nothing but pino and the packed packages, once installed, in every way that the documentation shows.

import {
  type AppOptions,
  makeTempFolder,
  type Receiver,
  runApp,
  startReceiver,
  type TempFolder,
} from '@otlp-logs/test-support'
import { build } from 'esbuild'
import { typecheck } from './consumer.ts'
import { install, measure, OURS, WARNINGS } from './npm.ts'
import { IMPORTS, WAYS } from './programs.ts'

const MODULE_SYSTEMS = [
  ['an ES module', 'mjs'],
  ['CommonJS', 'cjs'],
] as const
const BODIES = ['line 1', 'line 2', 'line 3']

describe('an app with pino and pino-otlp', () => {
  let app: TempFolder
  let receiver: Receiver
  let said: string
  let pinoAlone: ReturnType<typeof measure>

  beforeAll(async () => {
    app = makeTempFolder()
    await install(app.path, ['pino@10'])
    pinoAlone = measure(app.path)
    said = await install(app.path, OURS)
  }, 180_000)
  afterAll(() => app.remove())
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  it('installs without a warning', () => {
    expect(said).not.toMatch(WARNINGS)
  })

  it('has at most 3 packages and 1.5 MB more than with pino alone', () => {
    const { packages, bytes } = measure(app.path)
    expect(packages - pinoAlone.packages).toBeLessThanOrEqual(3)
    expect(bytes - pinoAlone.bytes).toBeLessThanOrEqual(1_500_000)
  })

  describe.each(MODULE_SYSTEMS)('as %s', (_, extension) => {
    it.each(Object.entries(WAYS))('delivers every line by %s, and prints it as before', async (_way, main) => {
      const source = `${IMPORTS[extension]}${main}\nmain(process.argv[2])\n`
      const result = await runApp(source, { resolveFrom: app.path, extension, args: [receiver.endpoint] })
      expect(result).toMatchObject({ code: 0, stderr: '' })
      await expectDelivered(receiver)
      expect(parseLines(result.stdout)).toMatchObject(BODIES.map((msg, index) => ({ msg, n: index + 1 })))
    })
  })

  it.each(['esm', 'cjs'] as const)('delivers every line when esbuild bundles it to %s', async (format) => {
    const contents = `${IMPORTS.mjs}${WAYS.otlpStream}\nmain(process.argv[2])\n`
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: app.path },
      bundle: true,
      platform: 'node',
      format,
      // pino is CommonJS: an ES module needs somebody to give it its `require`.
      banner: format === 'esm' ? { js: REQUIRE } : {},
      write: false,
      logLevel: 'error',
    })
    const elsewhere = makeTempFolder()
    try {
      const [bundle] = outputFiles
      const extension = format === 'esm' ? 'mjs' : 'cjs'
      const options: AppOptions = { resolveFrom: elsewhere.path, extension, args: [receiver.endpoint] }
      expect(await runApp(bundle?.text ?? '', options)).toMatchObject({ code: 0, stderr: '' })
      await expectDelivered(receiver)
    } finally {
      elsewhere.remove()
    }
  })

  it.each(['node16', 'bundler'] as const)(
    'type-checks under moduleResolution %s',
    async (resolution) => {
      expect(await typecheck(app.path, resolution)).toBe('')
    },
    60_000,
  )
})

const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`

async function expectDelivered(receiver: Receiver): Promise<void> {
  const records = await receiver.waitForRecords(BODIES.length)
  expect(records.map(({ body }) => body)).toEqual(BODIES)
  expect(records.map(({ attributes }) => attributes['n'])).toEqual([1, 2, 3])
  expect(records[0]?.resource['service.name']).toBe('orders')
  expect(receiver.problems).toEqual([])
}

function parseLines(stdout: string): unknown[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}
