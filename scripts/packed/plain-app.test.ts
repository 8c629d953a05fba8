// An app with nothing but pino and the packed packages, once installed, in every way that the documentation shows.

import { makeTempFolder, type Receiver, runApp, startReceiver, type TempFolder } from '@otlp-logs/test-support'
import { runBundle } from './bundle.ts'
import { PINO_CONSUMER, typecheck } from './consumer.ts'
import { expectDelivered, expectPrinted } from './expectations.ts'
import { install, measure, ours, WARNINGS } from './npm.ts'
import { IMPORTS, WAYS } from './programs.ts'

const MODULE_SYSTEMS = [
  ['an ES module', 'mjs'],
  ['CommonJS', 'cjs'],
] as const

describe('an app with pino and pino-otlp', () => {
  let app: TempFolder
  let receiver: Receiver
  let said: string
  let pinoAlone: ReturnType<typeof measure>

  beforeAll(async () => {
    app = makeTempFolder()
    await install(app.path, ['pino@10'])
    pinoAlone = measure(app.path)
    said = await install(app.path, ours('pino-otlp'))
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
      expectPrinted(result.stdout, 'msg')
    })
  })

  it.each(['esm', 'cjs'] as const)('delivers every line when esbuild bundles it to %s', async (format) => {
    const program = `${IMPORTS.mjs}${WAYS.otlpStream}\nmain(process.argv[2])\n`
    expect(await runBundle(program, app.path, format, receiver.endpoint)).toMatchObject({ code: 0, stderr: '' })
    await expectDelivered(receiver)
  })

  it.each(['node16', 'bundler'] as const)(
    'type-checks under moduleResolution %s',
    async (resolution) => {
      expect(await typecheck(app.path, PINO_CONSUMER, { resolution })).toBe('')
    },
    60_000,
  )
})
