// An app with nothing but winston and the packed packages, once installed, in every way that the documentation shows.

import { makeTempFolder, type Receiver, runApp, startReceiver, type TempFolder } from '@otlp-logs/test-support'
import { runBundle } from './bundle.ts'
import { typecheck, WINSTON_CONSUMER } from './consumer.ts'
import { expectDelivered, expectPrinted } from './expectations.ts'
import { install, measure, ours, WARNINGS } from './npm.ts'
import { WINSTON_IMPORTS, WINSTON_MAIN } from './programs.ts'

describe('an app with winston and winston-otlp', () => {
  let app: TempFolder
  let receiver: Receiver
  let said: string
  let winstonAlone: ReturnType<typeof measure>

  beforeAll(async () => {
    app = makeTempFolder()
    await install(app.path, ['winston@3'])
    winstonAlone = measure(app.path)
    said = await install(app.path, ours('winston-otlp'))
  }, 180_000)
  afterAll(() => app.remove())
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  it('installs without a warning', () => {
    expect(said).not.toMatch(WARNINGS)
  })

  it('has at most 3 packages and 1.5 MB more than with winston alone', () => {
    const { packages, bytes } = measure(app.path)
    expect(packages - winstonAlone.packages).toBeLessThanOrEqual(3)
    expect(bytes - winstonAlone.bytes).toBeLessThanOrEqual(1_500_000)
  })

  it.each([
    ['an ES module', 'mjs'],
    ['CommonJS', 'cjs'],
  ] as const)('delivers every entry as %s, and prints it as before', async (_, extension) => {
    const source = `${WINSTON_IMPORTS[extension]}${WINSTON_MAIN}\nmain(process.argv[2])\n`
    const result = await runApp(source, { resolveFrom: app.path, extension, args: [receiver.endpoint] })
    expect(result).toMatchObject({ code: 0, stderr: '' })
    await expectDelivered(receiver)
    expectPrinted(result.stdout, 'message')
  })

  it.each(['esm', 'cjs'] as const)('delivers every entry when esbuild bundles it to %s', async (format) => {
    const program = `${WINSTON_IMPORTS.mjs}${WINSTON_MAIN}\nmain(process.argv[2])\n`
    expect(await runBundle(program, app.path, format, receiver.endpoint)).toMatchObject({ code: 0, stderr: '' })
    await expectDelivered(receiver)
  })

  it.each([
    { resolution: 'node16' },
    { resolution: 'bundler' },
    { resolution: 'node16', esModuleInterop: true },
    { resolution: 'node16', esModuleInterop: false },
    { resolution: 'commonjs', esModuleInterop: false },
  ] as const)(
    'type-checks with %j',
    async (compiler) => {
      expect(await typecheck(app.path, WINSTON_CONSUMER, compiler)).toBe('')
    },
    60_000,
  )
})
