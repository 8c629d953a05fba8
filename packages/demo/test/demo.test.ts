// Runs the demo as `npm run demo` does: as it is meant to be, with losses, and cut short.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Receiver, startReceiver } from '@otlp-logs/test-support'

function startDemo(...args: string[]): ChildProcessWithoutNullStreams {
  const file = join(__dirname, '../src/demo.ts')
  const { FORCE_COLOR: _, ...env } = process.env
  const options = { env: { ...env, NO_COLOR: '1' }, timeout: 25_000 }
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], options)
}

async function runDemo(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = startDemo(...args)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number]
  return { code, stdout, stderr }
}

/** How many lines each service prints. */
const LINES = { orders: 7, payments: 4 }

describe('npm run demo', () => {
  it('shows every line with its record and every trace with the lines of both services', async () => {
    const { code, stdout, stderr } = await runDemo()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(stripVTControlCharacters(stdout))
    expect(stdout.split('\n').filter((row) => row.length > 100)).toEqual([])
    for (const [name, count] of Object.entries(LINES)) {
      expect(stdout.match(new RegExp(`^${name} +stdout `, 'gm'))).toHaveLength(count)
    }
    expect(stdout.match(/^ +record {2}\d\d:\d\d:\d\d\.\d{3}Z {2}(info \(9\)|error \(17\)) /gm)).toHaveLength(11)

    const traces = stdout
      .split('The same records by trace')[1]!
      .split(/^trace /m)
      .slice(1)
    expect(traces).toHaveLength(3)
    for (const trace of traces)
      expect(trace).toMatch(/^[0-9a-f]{32} .*\n.*Z {2}orders .*\n.*Z {2}payments .*\n.*Z {2}orders /)
    expect(traces[2]).toMatch(/payments {2}error +charge failed {2}CardDeclined: The card ending in \d+ has expired/)
    expect(traces[2]).toMatch(/orders {4}error +order failed {2}Error: payments answered 402/)
  })

  it('fails, and says what is missing, when a service loses its records', async () => {
    const { code, stdout, stderr } = await runDemo('--lose', 'payments')
    expect(code).toBe(1)
    expect(stdout.match(/record {2}none arrived/g)).toHaveLength(LINES.payments)
    expect(stderr).toContain('payments: no record arrived for 4 of 4 lines')
    expect(stderr).not.toContain('orders:')
  })

  it('says how to go on when an option is wrong', async () => {
    expect(await runDemo('--lose', 'everything')).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage:') })
    expect(await runDemo('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage:') })
  })

  it('leaves no service running when it is stopped', async () => {
    const demo = startDemo()
    let stdout = ''
    for await (const text of demo.stdout.setEncoding('utf8')) {
      stdout += text
      if (/orders +http/.test(stdout)) break
    }
    const ports = [...stdout.matchAll(/^ {2}(?:orders|payments) +http:\/\/127\.0\.0\.1:(\d+)/gm)].map(([, port]) =>
      Number(port),
    )
    expect(ports).toHaveLength(2)
    const sockets = ports.map((port) => connect(port, '127.0.0.1').on('error', () => {}))
    demo.kill()
    // Not events.once, which rejects at the reset that a killed service may send.
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  })
})

describe('npm run demo -- --endpoint', () => {
  let receiver: Receiver
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  it('sends there and says what to look for', async () => {
    const { code, stdout, stderr } = await runDemo('--endpoint', receiver.endpoint)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(receiver.records).toHaveLength(11)
    const ids = new Set(receiver.records.map(({ traceId }) => traceId).filter(Boolean))
    const printed = [...stdout.matchAll(/\{service_name=~"orders\|payments"\} \| trace_id="(\w+)"/g)].map(
      ([, id]) => id,
    )
    expect(new Set(printed)).toEqual(ids)
  })

  it('fails when the endpoint refuses the records', async () => {
    receiver.setAnswer({ status: 401 })
    const { code, stderr } = await runDemo('--endpoint', receiver.endpoint)
    expect(code).toBe(1)
    expect(stderr).toMatch(/orders: pino-otlp: 7 log records dropped \(rejected.*401/)
  })
})
