// An app with nothing but a logger and the packed packages, once installed, in every way that the documentation shows.

import { makeTempFolder, type Receiver, runApp, startReceiver, type TempFolder } from '@otlp-logs/test-support'
import { runBundle } from './bundle.ts'
import { type Compiler, PINO_CONSUMER, typecheck, WINSTON_CONSUMER } from './consumer.ts'
import { expectDelivered, expectPrinted } from './expectations.ts'
import { install, measure, ours, WARNINGS } from './npm.ts'
import { PINO_IMPORTS, PINO_WAYS, WINSTON_IMPORTS, WINSTON_WAYS } from './programs.ts'

interface App {
  name: 'pino-otlp' | 'winston-otlp'
  logger: string
  messageKey: string
  imports: Record<'mjs' | 'cjs', string>
  ways: Record<string, string>
  /** The way that needs no file of ours at run time. */
  bundled: string
  consumer: string
  compilers: Compiler[]
}

const APPS: App[] = [
  {
    name: 'pino-otlp',
    logger: 'pino@10',
    messageKey: 'msg',
    imports: PINO_IMPORTS,
    ways: PINO_WAYS,
    bundled: 'otlpStream',
    consumer: PINO_CONSUMER,
    compilers: [{ resolution: 'node16' }, { resolution: 'bundler' }],
  },
  {
    name: 'winston-otlp',
    logger: 'winston@3',
    messageKey: 'message',
    imports: WINSTON_IMPORTS,
    ways: WINSTON_WAYS,
    bundled: 'OtlpTransport',
    consumer: WINSTON_CONSUMER,
    compilers: [
      { resolution: 'node16' },
      { resolution: 'bundler' },
      { resolution: 'node16', esModuleInterop: true },
      { resolution: 'node16', esModuleInterop: false },
      { resolution: 'commonjs', esModuleInterop: false },
    ],
  },
]

describe.each(APPS)('an app with $logger and $name', ({ name, logger, ...app }) => {
  const { imports, ways, bundled, consumer, compilers, messageKey } = app
  let folder: TempFolder
  let receiver: Receiver
  let said: string
  let loggerAlone: ReturnType<typeof measure>

  beforeAll(async () => {
    folder = makeTempFolder()
    await install(folder.path, [logger])
    loggerAlone = measure(folder.path)
    said = await install(folder.path, ours(name))
  }, 180_000)
  afterAll(() => folder.remove())
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  it('installs without a warning', () => {
    expect(said).not.toMatch(WARNINGS)
  })

  it('has at most 3 packages and 1.5 MB more than with the logger alone', () => {
    const { packages, bytes } = measure(folder.path)
    expect(packages - loggerAlone.packages).toBeLessThanOrEqual(3)
    expect(bytes - loggerAlone.bytes).toBeLessThanOrEqual(1_500_000)
  })

  describe.each([
    ['an ES module', 'mjs'],
    ['CommonJS', 'cjs'],
  ] as const)('as %s', (_, extension) => {
    it.each(Object.entries(ways))('delivers every line by %s, and prints it as before', async (_way, main) => {
      const source = `${imports[extension]}${main}\nmain(process.argv[2])\n`
      const result = await runApp(source, { resolveFrom: folder.path, extension, args: [receiver.endpoint] })
      expect(result).toMatchObject({ code: 0, stderr: '' })
      await expectDelivered(receiver)
      expectPrinted(result.stdout, messageKey)
    })
  })

  it.each(['esm', 'cjs'] as const)('delivers every line when esbuild bundles it to %s', async (format) => {
    const program = `${imports.mjs}${ways[bundled]}\nmain(process.argv[2])\n`
    expect(await runBundle(program, folder.path, format, receiver.endpoint)).toMatchObject({ code: 0, stderr: '' })
    await expectDelivered(receiver)
  })

  it.each(compilers)(
    'type-checks with %j',
    async (compiler) => {
      expect(await typecheck(folder.path, consumer, compiler)).toBe('')
    },
    60_000,
  )
})
