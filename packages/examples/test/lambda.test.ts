// The handlers run as Lambda runs them: one event at a time, in a process that is frozen from the moment the result is
// there until the next event comes, and that is killed in the end.

import { type App, type Receiver, startApp, startReceiver } from '@otlp-logs/test-support'
import { FOLDER, importOf } from './example.ts'

// Reading stdin with readSync stops the whole thread, and with it every timer and every socket: frozen.
const RUNTIME = `
import { readSync, writeSync } from 'node:fs'

function nextEvent() {
  let line = ''
  const byte = Buffer.alloc(1)
  while (!line.endsWith('\\n')) {
    if (readSync(0, byte) === 0) process.kill(process.pid, 'SIGKILL')
    line += byte
  }
  return JSON.parse(line)
}

for (let number = 1; ; number++) {
  const event = nextEvent()
  const result = await handler(event, { awsRequestId: 'invocation-' + number })
  writeSync(1, JSON.stringify({ number, ...result }) + '\\n')
}
`

let receiver: Receiver
let lambda: App

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  lambda.kill('SIGKILL')
  await receiver.close()
})

function start(file: string): void {
  const env = { AWS_LAMBDA_FUNCTION_NAME: 'orders', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint }
  const code = `const { handler } = ${importOf(file)}\n${RUNTIME}`
  lambda = startApp(code, { resolveFrom: FOLDER, env, keepInput: true })
}

async function invoke(number: number): Promise<string> {
  lambda.write(JSON.stringify({ orderId: number }) + '\n')
  return lambda.stdoutLine(`"number":${number},`)
}

describe.each(['lambda/pino.mjs', 'lambda/winston.mjs'])('the example %s', (file) => {
  it('has delivered its records when the result is there, also after it was frozen and its connection lost', async () => {
    start(file)
    for (const number of [1, 2, 3]) {
      expect(JSON.parse(await invoke(number))).toEqual({ number, statusCode: 202 })
      expect(receiver.records).toHaveLength(number)
      receiver.closeIdleSockets()
    }
    expect(receiver.records).toMatchObject(
      [1, 2, 3].map((number) => ({
        body: 'order received',
        severityText: 'info',
        attributes: { orderId: number, 'faas.invocation_id': `invocation-${number}` },
        resource: { 'service.name': 'orders' },
      })),
    )
    expect(receiver.problems).toEqual([])
    lambda.kill('SIGKILL')
    expect(await lambda.done).toMatchObject({ signal: 'SIGKILL', stderr: '' })
  })

  it('answers in time although the collector is down, and sends what waits with the next event', async () => {
    receiver.setAnswer({ status: 503 })
    start(file)
    expect(JSON.parse(await invoke(1))).toEqual({ number: 1, statusCode: 202 })
    expect(receiver.records).toEqual([])

    receiver.setAnswer({})
    await invoke(2)
    expect(receiver.records.map(({ attributes }) => attributes['orderId'])).toEqual([1, 2])
  })
})
