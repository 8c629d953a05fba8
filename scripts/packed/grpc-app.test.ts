// gRPC needs a package that nobody gets unasked: what an app is told without it, and that it works with it.

import { type GrpcReceiver, makeTempFolder, runApp, startGrpcReceiver, startReceiver } from '@otlp-logs/test-support'
import { runBundle } from './bundle.ts'
import { install, ours, WARNINGS } from './npm.ts'
import { PINO_IMPORTS, WINSTON_IMPORTS } from './programs.ts'

const INSTALL = 'npm install @grpc/grpc-js'
const LOG = `for (let n = 1; n <= 3; n++) log.info({ n }, 'line ' + n)`
const LINES = ['line 1', 'line 2', 'line 3']

/** By each way, `main(endpoint, options)`. */
const PINO_WAYS = {
  'the worker target': `function main(endpoint, options = { protocol: 'grpc' }) {
  const log = pino({ transport: { target: 'pino-otlp', options: { endpoint, ...options } } })
  ${LOG}
}`,
  otlpTransport: `function main(endpoint, options = { protocol: 'grpc' }) {
  const log = pino({}, otlpTransport({ endpoint, ...options }))
  ${LOG}
}`,
  otlpStream: `function main(endpoint, options = { protocol: 'grpc' }) {
  const log = pino({}, otlpStream({ endpoint, ...options }))
  ${LOG}
}`,
}

const WINSTON_WAY = `function main(endpoint, options = { protocol: 'grpc' }) {
  const log = winston.createLogger({ transports: [new OtlpTransport({ endpoint, ...options })] })
  for (let n = 1; n <= 3; n++) log.info('line ' + n, { n })
}`

const folder = makeTempFolder()
let receiver: GrpcReceiver

beforeEach(async () => {
  receiver = await startGrpcReceiver()
})
afterEach(() => receiver.close())
afterAll(() => folder.remove())

function run(source: string, extension: 'mjs' | 'cjs', env: Record<string, string> = {}): ReturnType<typeof runApp> {
  return runApp(source, { resolveFrom: folder.path, extension, args: [receiver.endpoint], env })
}

const arrived = (): unknown[] => receiver.records.map(({ body }) => body)

describe('an app without @grpc/grpc-js', () => {
  beforeAll(async () => {
    await install(folder.path, ['pino@10', 'winston@3', ...ours('pino-otlp'), ...ours('winston-otlp')])
  }, 180_000)

  it.each([
    ['otlpTransport', PINO_IMPORTS, PINO_WAYS.otlpTransport],
    ['otlpStream', PINO_IMPORTS, PINO_WAYS.otlpStream],
    ['OtlpTransport', WINSTON_IMPORTS, WINSTON_WAY],
  ])('is told by a TypeError what to install: %s', async (_way, imports, way) => {
    for (const extension of ['mjs', 'cjs'] as const) {
      const source = `${imports[extension]}${way}
        try { main(process.argv[2]) } catch (error) { console.log(error instanceof TypeError, error.message) }`
      const { code, stdout, stderr } = await run(source, extension)
      expect({ code, stdout: stdout.trim(), stderr }).toEqual({
        code: 0,
        stdout: `true Expected \`protocol\` to be one that is installed: \`grpc\` needs a package (${INSTALL}), got \`grpc\` (string)`,
        stderr: '',
      })
    }
  })

  it('goes on, and is told once on stderr, with the worker target', async () => {
    const source = `${PINO_IMPORTS.mjs}${PINO_WAYS['the worker target']}\nmain(process.argv[2])`
    const { code, stderr } = await run(source, 'mjs')
    expect(code).toBe(0)
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(`(${INSTALL})`)])
  })

  it('goes on over HTTP, with one warning, where a variable asks for gRPC', async () => {
    const http = await startReceiver()
    try {
      const source = `${PINO_IMPORTS.mjs}${PINO_WAYS.otlpStream}\nmain('${http.endpoint}', {})`
      const { code, stderr } = await run(source, 'mjs', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })
      expect(code).toBe(0)
      expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(`(${INSTALL}). Using \`http/protobuf\`.`)])
      expect(http.records.map(({ body }) => body)).toEqual(LINES)
    } finally {
      await http.close()
    }
  })

  it.each(['esm', 'cjs'] as const)('can be bundled to %s, and is told then what to install', async (format) => {
    const source = `${PINO_IMPORTS.mjs}${PINO_WAYS.otlpStream}\nmain(process.argv[2], { protocol: 'grpc', closeTimeoutMillis: 100 })`
    const { code, stderr } = await runBundle(source, folder.path, format, receiver.endpoint)
    expect(code).toBe(0)
    expect(stderr).toContain(`needs the package @grpc/grpc-js (${INSTALL}); 3 log records waiting`)
    expect(stderr).toContain('3 log records not delivered')
  })
})

// The oldest that tells its sockets, and the newest. An older one is no reason not to install, and works all the same.
describe.each([
  ['1.8.0', { timeoutMillis: 1000 }],
  ['1.13.0', {}],
  ['1.14.7', {}],
])('an app with @grpc/grpc-js %s', (version, inTime) => {
  let said: string

  beforeAll(async () => {
    said = await install(folder.path, [`@grpc/grpc-js@${version}`])
  }, 180_000)

  it('installs without a warning', () => {
    expect(said).not.toMatch(WARNINGS)
  })

  it.each(Object.entries(PINO_WAYS))('delivers every line by %s', async (_way, way) => {
    for (const extension of ['mjs', 'cjs'] as const) {
      const result = await run(`${PINO_IMPORTS[extension]}${way}\nmain(process.argv[2])`, extension)
      expect(result).toMatchObject({ code: 0, stderr: '' })
    }
    expect(arrived()).toEqual([...LINES, ...LINES])
    expect(receiver.problems).toEqual([])
  })

  it('delivers every entry of winston', async () => {
    for (const extension of ['mjs', 'cjs'] as const) {
      const result = await run(`${WINSTON_IMPORTS[extension]}${WINSTON_WAY}\nmain(process.argv[2])`, extension)
      expect(result).toMatchObject({ code: 0, stderr: '' })
    }
    expect(arrived()).toEqual([...LINES, ...LINES])
  })

  it.each(['esm', 'cjs'] as const)('delivers every line when esbuild bundles it to %s', async (format) => {
    const source = `${PINO_IMPORTS.mjs}${PINO_WAYS.otlpStream}\nmain(process.argv[2])`
    const result = await runBundle(source, folder.path, format, receiver.endpoint)
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(arrived()).toEqual(LINES)
  })

  // An old one keeps the process alive until the request has had its time.
  it('ends in time with a request under way', async () => {
    receiver.setAnswer({ hang: true })
    const options = JSON.stringify({ protocol: 'grpc', scheduledDelayMillis: 1, closeTimeoutMillis: 100, ...inTime })
    const source = `${PINO_IMPORTS.mjs}${PINO_WAYS.otlpStream}\nmain(process.argv[2], ${options}); setTimeout(() => {}, 500)`
    const { code, millis } = await run(source, 'mjs')
    expect(code).toBe(0)
    expect(millis).toBeLessThan(6000)
  })
})
