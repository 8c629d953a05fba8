// A journal's records over gRPC: what a process leaves behind, the next one delivers, by whatever protocol it was meant for.

import { join } from 'node:path'
import { type GrpcReceiver, makeTempFolder, runApp, startGrpcReceiver, type TempFolder } from '@otlp-logs/test-support'

const PACKAGE_FOLDER = join(__dirname, '..')
const LINES = 100

let receiver: GrpcReceiver
let folder: TempFolder

beforeEach(async () => {
  receiver = await startGrpcReceiver()
  folder = makeTempFolder()
})

afterEach(async () => {
  await receiver.close()
  folder.remove()
})

function run(source: string): ReturnType<typeof runApp> {
  const options = {
    protocol: 'grpc',
    endpoint: receiver.endpoint,
    journal: { directory: folder.path },
    closeTimeoutMillis: 300,
  }
  const program = `
    import pino from 'pino'
    import { otlpStream } from 'pino-otlp'
    const stream = otlpStream(${JSON.stringify(options)})
    const logger = pino({}, stream)
    ${source}`
  return runApp(program, { resolveFrom: PACKAGE_FOLDER })
}

test.each([
  ['a kill', `process.kill(process.pid, 'SIGKILL')`],
  ['process.exit', 'process.exit(0)'],
])('what waits at %s while nobody is there is delivered once by the next process', async (_end, end) => {
  const { port } = receiver
  await receiver.close()
  await run(`for (let n = 1; n <= ${LINES}; n++) logger.info('line ' + n); ${end}`)
  receiver = await startGrpcReceiver({ port })
  const source = `while (stream.stats().sent < ${LINES}) await new Promise((resolve) => setTimeout(resolve, 10))`
  expect(await run(source)).toMatchObject({ code: 0, stderr: '' })
  expect(receiver.records.map(({ body }) => body)).toEqual(Array.from({ length: LINES }, (_, i) => `line ${i + 1}`))
  expect(receiver.problems).toEqual([])
})
