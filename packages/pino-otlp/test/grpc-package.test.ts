// @grpc/grpc-js as an app may find it: what cannot be loaded now is loaded later, and half of it is not taken for the whole.

import { join } from 'node:path'
import { type GrpcReceiver, runApp, startGrpcReceiver } from '@otlp-logs/test-support'

const PACKAGE_FOLDER = join(__dirname, '..')
const LINES = ['line 1', 'line 2', 'line 3']

const IMPORTS = {
  mjs: `import Module, { createRequire } from 'node:module'
    import pino from 'pino'
    import { otlpStream } from 'pino-otlp'
    const require = createRequire(import.meta.url)`,
  cjs: `const Module = require('node:module')
    const pino = require('pino')
    const { otlpStream } = require('pino-otlp')`,
}

/** No file descriptor is left in the middle of it, the first times. */
const cutShort = (times: number): string => `
  const nested = require.resolve('@grpc/grpc-js/build/src/channel-credentials.js')
  const load = Module._extensions['.js']
  let left = ${times}
  Module._extensions['.js'] = (module, file) => {
    if (file === nested && left-- > 0) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })
    load(module, file)
  }`

/** Somebody is loading it: what a \`require\` in a circle gets has no more than what came so far. */
const UNDER_WAY = `
  const entry = require.resolve('@grpc/grpc-js')
  require.cache[entry] = Object.assign(new Module(entry), { exports: { Client: class {} }, loaded: true })
  process.nextTick(() => delete require.cache[entry])`

let receiver: GrpcReceiver

beforeEach(async () => {
  receiver = await startGrpcReceiver()
})

afterEach(() => receiver.close())

describe.each(['mjs', 'cjs'] as const)('an app (%s)', (extension) => {
  async function run(trouble: string): Promise<{ stderr: string; stats: unknown }> {
    const source = `${IMPORTS[extension]}
      ${trouble}
      const stream = otlpStream({ endpoint: process.argv[2], protocol: 'grpc', scheduledDelayMillis: 1 })
      const logger = pino({}, stream)
      for (let n = 1; n <= 3; n++) logger.info('line ' + n)
      setImmediate(() => stream.flush().then(() => console.log(JSON.stringify(stream.stats()))))`
    const options = { resolveFrom: PACKAGE_FOLDER, extension, args: [receiver.endpoint] }
    const { stdout, stderr } = await runApp(source, options)
    return { stderr, stats: JSON.parse(stdout) }
  }

  it('delivers at once when the package could not be loaded at the start', async () => {
    const { stderr, stats } = await run(cutShort(1))
    expect({ stderr, stats }).toMatchObject({ stderr: '', stats: { sent: 3, retries: 0 } })
    expect(receiver.records.map(({ body }) => body)).toEqual(LINES)
  })

  it('is told why the package cannot be loaded, and delivers once it can', async () => {
    const { stderr, stats } = await run(cutShort(2))
    expect(stderr).toMatch(
      /: the package @grpc\/grpc-js could not be loaded: EMFILE: too many open files; 3 log records waiting, trying again\n$/,
    )
    expect(stats).toMatchObject({ sent: 3, retries: 1 })
    expect(receiver.records.map(({ body }) => body)).toEqual(LINES)
  })

  it('does not take for the package what there is of it while it is being loaded', async () => {
    const { stderr, stats } = await run(UNDER_WAY)
    expect({ stderr, stats }).toMatchObject({ stderr: '', stats: { sent: 3, retries: 0 } })
    expect(receiver.records.map(({ body }) => body)).toEqual(LINES)
  })
})
