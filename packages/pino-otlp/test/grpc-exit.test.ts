// process.exit over gRPC: what waits goes through the worker of the last moment, which speaks gRPC without its package, and
// means by a status what OTLP means by it.

import { join } from 'node:path'
import { type GrpcReceiver, type GrpcScript, runApp, startGrpcReceiver } from '@otlp-logs/test-support'

const PACKAGE_FOLDER = join(__dirname, '..')
const LINES = 10

let receiver: GrpcReceiver

afterEach(() => receiver.close())

async function exit(answer: GrpcScript, options: object = {}): ReturnType<typeof runApp> {
  receiver = await startGrpcReceiver({ answer })
  const all = { protocol: 'grpc', endpoint: receiver.endpoint, ...options }
  const source = `
    import pino from 'pino'
    import { otlpStream } from 'pino-otlp'
    const stream = otlpStream(${JSON.stringify(all)})
    const logger = pino({}, stream)
    for (let i = 0; i < ${LINES}; i++) logger.info('line')
    process.on('exit', () => console.log(JSON.stringify(stream.stats())))
    process.exit(3)`
  return runApp(source, { resolveFrom: PACKAGE_FOLDER })
}

test('O12: the call is that of the package: path, metadata, content, deadline', async () => {
  const headers = { 'x-scope-orgid': 'a', 'key-bin': 'AAEC', 'user-agent': 'app/1' }
  expect(await exit({}, { headers })).toMatchObject({ code: 3, stderr: '' })
  expect(receiver.records).toHaveLength(LINES)
  expect(receiver.problems).toEqual([])
  const [{ metadata, deadlineMillis }] = receiver.calls as [GrpcReceiver['calls'][0]]
  expect(metadata).toMatchObject({ 'x-scope-orgid': ['a'], 'key-bin': [Buffer.from([0, 1, 2])] })
  expect(metadata['user-agent']).toEqual([expect.stringMatching(/^app\/1 pino-otlp\//)])
  expect(deadlineMillis).toBeLessThanOrEqual(5000)
})

test.each<[string, GrpcScript]>([
  ['UNAVAILABLE', [{ code: 14 }, { code: 14 }, {}]],
  ['RESOURCE_EXHAUSTED with RetryInfo', [{ code: 8, retryDelayMillis: 100 }, {}]],
  ['a reset', [{ reset: true }, {}]],
])('after %s it tries again while there is time', async (_what, answer) => {
  expect(await exit(answer)).toMatchObject({ code: 3, stderr: '' })
  expect(receiver.records).toHaveLength(LINES)
})

test.each<[string, GrpcScript]>([
  ['INVALID_ARGUMENT', { code: 3 }],
  ['RESOURCE_EXHAUSTED without RetryInfo', { code: 8 }],
  ['OUT_OF_RANGE for a message that is too long', { code: 11, details: 'decoded message length too large' }],
])('after %s it does not, and the count is on stderr', async (_what, answer) => {
  const { code, stderr } = await exit(answer)
  expect(code).toBe(3)
  expect(stderr).toContain(`${LINES} log records dropped (rejected`)
  expect(receiver.calls).toHaveLength(1)
})

test('what a partial success rejects is counted, and the rest is sent', async () => {
  const { code, stdout, stderr } = await exit({ partialSuccess: { rejected: 3 } })
  expect(code).toBe(3)
  expect(stderr).toContain('3 log records dropped (rejected')
  expect(JSON.parse(stdout)).toMatchObject({ received: LINES, sent: LINES - 3, dropped: { rejected: 3, total: 3 } })
})

test('with nobody at the endpoint, it comes by closeTimeoutMillis, with the count on stderr', async () => {
  const gone = await startGrpcReceiver()
  await gone.close()
  const { code, stderr, millis } = await exit({}, { endpoint: gone.endpoint, closeTimeoutMillis: 500 })
  expect(code).toBe(3)
  expect(stderr).toContain(`${LINES} log records not delivered`)
  expect(millis).toBeLessThan(6000)
})
