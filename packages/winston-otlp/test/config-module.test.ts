// `configModule` behind winston: the module is loaded at once, when the transport is made.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder, type Receiver, runApp, startReceiver, type TempFolder } from '@otlp-logs/test-support'

let receiver: Receiver
let folder: TempFolder
beforeEach(async () => {
  receiver = await startReceiver()
  folder = makeTempFolder()
})
afterEach(async () => {
  expect(receiver.problems).toEqual([])
  await receiver.close()
  folder.remove()
})

async function run(module: string): Promise<string> {
  writeFileSync(join(folder.path, 'otlp.config.mjs'), module)
  const options = JSON.stringify({ endpoint: receiver.endpoint, configModule: './otlp.config.mjs' })
  const source = `
    import winston from 'winston'
    import { OtlpTransport } from 'winston-otlp'
    try {
      const logger = winston.createLogger({ transports: [new OtlpTransport(${options})] })
      for (const message of ['noise', 'kept']) logger.info({ message, at: '2026-11-21T12:00:00.000Z' })
    } catch (error) {
      console.error(String(error))
    }`
  const { code, stderr } = await runApp(source, { resolveFrom: join(__dirname, '..'), cwd: folder.path })
  expect(code).toBe(0)
  return stderr
}

test('an ES module gives hooks, headers and names of fields', async () => {
  const stderr = await run(`export default {
    filter: ({ body }) => body !== 'noise',
    transform: (record) => ({ ...record, attributes: { seen: true } }),
    headers: () => ({ authorization: 'Bearer from-the-module' }),
    keys: { time: 'at' },
  }`)
  expect(stderr).toBe('')
  expect(receiver.records).toMatchObject([
    { body: 'kept', attributes: { seen: true }, timeUnixNano: 1_795_262_400_000_000_000n },
  ])
  expect(receiver.requests[0]!.headers['authorization']).toBe('Bearer from-the-module')
})

test('what is wrong in it is a TypeError that says where it stands', async () => {
  expect(await run(`export default { maxQueueSize: 0 }`)).toMatch(
    /^TypeError: Expected `maxQueueSize` to be an integer from 1 up or Infinity, got `0` \(number\), in `configModule` .*otlp\.config\.mjs\n$/,
  )
  expect(receiver.requests).toEqual([])
})
