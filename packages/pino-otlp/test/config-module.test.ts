// `configModule` in every mode, with real workers: what the module gives acts there, and what is wrong with it is said.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AppResult,
  makeTempFolder,
  type Receiver,
  runApp,
  startReceiver,
  type TempFolder,
} from '@otlp-logs/test-support'
import { otlpTransport } from 'pino-otlp'

/** How an app makes its logger; `options` has the module. */
const MODES: Readonly<Record<string, string>> = {
  'the worker target': `const logger = pino({ transport: { target: 'pino-otlp', options } })`,
  otlpTransport: `const transport = otlpTransport(options); const logger = pino(transport)`,
  otlpStream: `const transport = otlpStream(options); const logger = pino(transport)`,
}

/** The same module in both systems. */
const FORMS: Readonly<Record<string, (members: string) => string>> = {
  'otlp.config.mjs': (members) => `export default { ${members} }`,
  'otlp.config.cjs': (members) => `module.exports = { ${members} }`,
}

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

const bodies = (): unknown[] => receiver.records.map(({ body }) => body)

/** Runs an app in the folder of the module. */
function run(main: string, options: object): Promise<AppResult> {
  const source = `
    import pino from 'pino'
    import { otlpStream, otlpTransport } from 'pino-otlp'
    const options = ${JSON.stringify({ endpoint: receiver.endpoint, ...options })}
    ${main}`
  return runApp(source, { resolveFrom: join(__dirname, '..'), cwd: folder.path })
}

function write(file: string, members: string): { configModule: string } {
  writeFileSync(join(folder.path, file), FORMS[file]!(members))
  return { configModule: `./${file}` }
}

const EVERY = Object.entries(MODES).flatMap(([mode, make]) =>
  Object.keys(FORMS).map((file) => [mode, file, make] as const),
)

describe('configModule', () => {
  test.each(EVERY)('%s filters, transforms and adds headers by %s', async (_mode, file, make) => {
    const options = write(
      file,
      `filter: ({ body }) => body !== 'noise',
       transform(record) {
         if (record.body === 'left out') return null
         record.attributes.seen = true
         return record
       },
       headers: async () => ({ authorization: 'Bearer from-the-module' }),
       resource: { 'service.name': 'module' },`,
    )
    const main = `${make}
      for (const text of ['noise', 'left out', 'kept']) logger.info(text)`
    expect(await run(main, { ...options, resource: { 'service.name': 'beside' } })).toMatchObject({
      code: 0,
      stderr: '',
    })
    expect(receiver.records).toMatchObject([
      { body: 'kept', attributes: { seen: true }, resource: { 'service.name': 'beside' } },
    ])
    expect(receiver.requests[0]!.headers['authorization']).toBe('Bearer from-the-module')
  })

  test.each(EVERY)('%s drops as hook_failed what the redaction in %s fails on', async (_mode, file, make) => {
    const options = write(
      file,
      `transform(record) { if (record.body === 'secret') throw new Error('no key'); return record }`,
    )
    const { stderr, code } = await run(`${make}\nfor (const text of ['secret', 'kept']) logger.info(text)`, options)
    expect(code).toBe(0)
    // What was lost is told, too, in a record of its own.
    expect(bodies()).toEqual(['1 log record lost: 1 hook_failed', 'kept'])
    expect(stderr).toBe('pino-otlp: a filter, transform or redact rule threw (no key); the record is dropped\n')
  })

  test.each(EVERY)('%s asks for headers once again after a 401, by %s', async (_mode, file, make) => {
    receiver.setAnswer(({ headers }) => ({ status: headers['authorization'] === 'token 2' ? 200 : 401 }))
    const options = write(file, `headers: ((n) => () => ({ authorization: 'token ' + ++n }))(0)`)
    expect(await run(`${make}\nlogger.info('hello')`, options)).toMatchObject({ code: 0, stderr: '' })
    expect(receiver.requests.map(({ headers }) => headers['authorization'])).toEqual(['token 1', 'token 2'])
    expect(bodies()).toEqual(['hello'])
  })
})

test('the example of docs/configuration.md does what it says', async () => {
  const doc = readFileSync(join(__dirname, '../../../docs/configuration.md'), 'utf8')
  const [module, use] = [...doc.split('## Functions, and workers')[1]!.matchAll(/^```js\n(.*?)^```$/gms)].map(
    ([, code]) => code!,
  )
  writeFileSync(join(folder.path, 'otlp.config.mjs'), `const token = async () => 'of the example'\n${module}`)
  const main = `const logger = ${use}
    logger.info({ 'http.route': '/health' }, 'probe')
    logger.info({ 'http.route': '/orders' }, 'request')`
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint }
  const source = `import pino from 'pino'\n${main}`
  expect(await runApp(source, { resolveFrom: join(__dirname, '..'), cwd: folder.path, env })).toMatchObject({
    code: 0,
    stderr: '',
  })
  expect(receiver.records).toMatchObject([{ body: 'request', attributes: { 'http.route': '/orders', region: 'eu' } }])
  expect(receiver.requests[0]!.headers['authorization']).toBe('Bearer of the example')
})

describe('the worker target', () => {
  const MAIN = `
    const targets = [{ target: 'pino/file', options: { destination: 1 } }, { target: 'pino-otlp', options }]
    const logger = pino({ transport: { targets } })
    for (let i = 0; i < 3; i++) logger.info('hello')`

  test.each([
    ['is not there', '', { configModule: './gone.mjs' }, 'no file'],
    ['throws', `...(() => { throw new Error('no vault') })()`, {}, 'could not be loaded: no vault'],
    ['has a wrong member', `transform: 'upper'`, {}, 'Expected `transform` to be a function, got `upper` (string), in'],
  ])('says once that a module %s, ships nothing, and takes nothing from others', async (_, members, more, message) => {
    const options = { ...write('otlp.config.mjs', members), ...more }
    const { code, stdout, stderr } = await run(MAIN, options)
    expect(code).toBe(0)
    expect(stdout.match(/hello/g)).toHaveLength(3)
    expect(stderr).toMatch(/^pino-otlp: [^\n]*; no logs are sent\n$/)
    expect(stderr).toContain(message)
    expect(receiver.requests).toEqual([])
  })

  test('waits for a top-level await', async () => {
    writeFileSync(
      join(folder.path, 'late.mjs'),
      `export default await Promise.resolve({ filter: ({ body }) => body === 'b' })`,
    )
    const main = `${MODES['the worker target']}\nlogger.info('a')\nlogger.info('b')`
    expect(await run(main, { configModule: './late.mjs' })).toMatchObject({ code: 0, stderr: '' })
    expect(bodies()).toEqual(['b'])
  })
})

describe('otlpTransport', () => {
  test('counts as hook_failed what it could not show to a module that throws, and its flush waits for nothing', async () => {
    const options = write('otlp.config.mjs', `...(() => { throw new Error('no vault') })()`)
    const { code, stdout, stderr } = await run(
      `${MODES['otlpTransport']}
      for (let i = 0; i < 3; i++) logger.info('hello')
      const flushed = await transport.flush()
      console.log(JSON.stringify([flushed, transport.stats()]))
      await transport.close()`,
      options,
    )
    expect(code).toBe(0)
    const waiting = { records: 0 }
    expect(JSON.parse(stdout)).toMatchObject([
      { complete: true, waiting: 0 },
      { received: 3, sent: 0, dropped: { total: 3, hook_failed: 3 }, waiting },
    ])
    expect(stderr).toMatch(/^pino-otlp: `configModule` .* could not be loaded: no vault; no logs are sent\n/)
    expect(receiver.requests).toEqual([])
  })

  test('throws a TypeError when there is no such module', () => {
    expect(() => otlpTransport({ configModule: './gone.mjs' })).toThrow(TypeError)
    expect(() => otlpTransport({ configModule: './gone.mjs' })).toThrow(/got `.\/gone.mjs`: no file .*gone\.mjs$/)
  })

  test('says that options of the app belong beside the module, and ignores them in it', async () => {
    const options = write('otlp.config.mjs', `enabled: false, closeOnSignals: true`)
    const { stderr } = await run(`${MODES['otlpTransport']}\nlogger.info('hello')`, options)
    expect(stderr).toMatch(
      /^pino-otlp: Ignored `enabled`, `closeOnSignals` in `configModule` .*otlp\.config\.mjs: otlpTransport needs .*\n$/,
    )
    expect(bodies()).toEqual(['hello'])
  })

  test.each([
    ['headers', { headers: () => ({}) }],
    ['filter', { filter: () => true }],
    ['transform', { transform: () => undefined }],
  ])('refuses the function `%s`, and names the way to give it', (name, options) => {
    expect(() => otlpTransport(options)).toThrow(
      `Expected \`${name}\` to be left out, got a function: it cannot reach the worker. Give \`configModule\`, a module whose default export has \`${name}\`, or use otlpStream`,
    )
  })
})
