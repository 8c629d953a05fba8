// The README's code is what newcomers paste: each block runs here as it stands, but for the endpoint.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Receiver, runApp, startReceiver } from '@otlp-logs/test-support'

const read = (path: string): string => readFileSync(join(__dirname, '../../..', path), 'utf8')
const blocks = (language: string, text = read('README.md')): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code]) => code!)

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

function run(code: string, name = 'pino-otlp'): ReturnType<typeof runApp> {
  const source = code.replaceAll('http://localhost:4318', receiver.endpoint)
  return runApp(source, { resolveFrom: join(__dirname, '../../', name), extension: 'mjs' })
}

describe('README', () => {
  const [target, winston, transport, stream, ...others] = blocks('js')

  test('has no code block that is not run here', () => {
    expect(others).toEqual([])
    expect(blocks('json')).toHaveLength(1)
  })

  test('shows a config that prints as before and delivers the record that it shows', async () => {
    const { code, stdout, stderr } = await run(target!)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ level: 30, orderId: 42, msg: 'order placed' })
    const shown = JSON.parse(blocks('json')[0]!) as Record<string, unknown>
    const [record] = await receiver.waitForRecords(1)
    expect(record).toMatchObject({
      severityNumber: shown['severityNumber'],
      severityText: shown['severityText'],
      bodyValue: shown['body'],
      attributeValues: { orderId: { intValue: '42' } },
      resource: { 'service.name': 'orders' },
    })
    expect(shown['attributes']).toEqual([{ key: 'orderId', value: { intValue: '42' } }])
  })

  test('shows a winston config that prints as before and delivers the same record', async () => {
    const { code, stdout, stderr } = await run(winston!, 'winston-otlp')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ level: 'info', orderId: 42, message: 'order placed' })
    expect(receiver.records).toMatchObject([
      { severityNumber: 9, body: 'order placed', attributes: { orderId: 42 }, resource: { 'service.name': 'orders' } },
    ])
  })

  test('shows an otlpTransport that leaves stdout as it is, flushes, and tells its counts', async () => {
    const { code, stdout, stderr } = await run(transport!)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('"msg":"cache warmed"')
    expect(stdout).toContain('sent: 1')
    expect(receiver.records.map(({ body }) => body)).toEqual(['cache warmed'])
  })

  test('shows an otlpStream whose handler has delivered when it returns', async () => {
    const { code, stderr } = await run(`${stream!}\nawait handler({ id: 7 })\nconsole.log('returned')`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(receiver.records).toMatchObject([{ body: 'handled', attributes: { id: 7 } }])
  })
})

test("the core's README shows a pipeline that delivers", async () => {
  const [code] = blocks('js', read('packages/core/README.md'))
  const result = await run(code!)
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(receiver.records).toMatchObject([{ body: 'order placed', attributes: { orderId: 42 } }])
})
