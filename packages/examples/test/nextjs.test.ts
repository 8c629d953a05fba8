// The example is built once, in a copy, and started as on a server: `next build`, `next start`. The copy lies in this
// package, as Next.js resolves nothing from outside of the workspace.

import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AppOptions, type Receiver, runApp, startReceiver } from '@otlp-logs/test-support'
import { FOLDER, linesOf, runServer, type Server } from './example.ts'

const BUILD_MILLIS = 180_000
const NEXT = createRequire(join(FOLDER, 'package.json')).resolve('next/dist/bin/next')
const RUN_NEXT = `await import(${JSON.stringify(pathToFileURL(NEXT).href)})`

let folder: string
let options: AppOptions
let receiver: Receiver

beforeAll(async () => {
  folder = mkdtempSync(join(FOLDER, '.next-app-'))
  cpSync(join(FOLDER, 'src/nextjs'), folder, { recursive: true })
  options = { resolveFrom: folder, env: { NEXT_TELEMETRY_DISABLED: '1' } }
  const build = await runApp(RUN_NEXT, { ...options, args: ['build'], timeoutMillis: BUILD_MILLIS - 5000 })
  if (build.code !== 0) throw new Error(`next build failed:\n${build.stdout}${build.stderr}`)
}, BUILD_MILLIS)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

describe('the example for Next.js', () => {
  it('delivers what pages and routes log and throw, prints it as well, and ends cleanly', async () => {
    const use = async (server: Server): Promise<void> => {
      expect((await fetch(await server.url())).status).toBe(200)
      expect(await server.order('tea', 2)).toBe(201)
      expect(await server.order('cake', 0)).toBe(500)
    }
    const { code, stdout, stderr } = await runServer(RUN_NEXT, receiver, use, { ...options, args: ['start'] })
    // 143 is how Next.js ends on SIGTERM. What a route throws, it prints itself.
    expect(code).toBe(143)
    expect(stderr).toMatch(/^⨯ RangeError: Expected a quantity from 1 up, got 0\n( +at .*\n)*$/)
    expect(receiver.problems).toEqual([])

    expect(receiver.records).toMatchObject([
      { body: 'page rendered', severityText: 'info', attributes: { page: '/' } },
      { body: 'order placed', severityText: 'info', attributes: { item: 'tea', quantity: 2 } },
      {
        body: 'request failed',
        severityText: 'error',
        attributes: {
          method: 'POST',
          path: '/orders',
          'exception.type': 'RangeError',
          'exception.message': 'Expected a quantity from 1 up, got 0',
          'exception.stacktrace': expect.stringContaining('at '),
        },
      },
    ])
    expect(receiver.records.map(({ resource }) => resource['service.name'])).toEqual(Array(3).fill('orders'))
    const json = stdout.split('\n').filter((line) => line.startsWith('{'))
    expect(linesOf(json.join('\n')).map(({ msg }) => msg)).toEqual(receiver.records.map(({ body }) => body))
  })
})
