// A canary wherever a secret may stand, and a server that echoes all that it was sent, in every kind of answer that we show.
// The canary is nowhere in what we print, report, throw, or send beside its own header or URL.

import { join } from 'node:path'
import {
  type Answer,
  type AppResult,
  encodeResponseBytes,
  flattenRecords,
  LOGGING_MODES,
  type LoggingMode,
  type ReceivedRequest,
  type Receiver,
  runApp,
  saidBy,
  startReceiver,
  type Script,
} from '@otlp-logs/test-support'
import { CANARY, hitsIn } from './canary.ts'

const IN_PROCESS: readonly LoggingMode[] = ['otlpStream', 'winston']
const PACKAGE_FOLDER = join(__dirname, '../..')
const PATH = '/v1/logs'

interface Secret {
  name: string
  /** Of the transport, for a host as 127.0.0.1:4318. */
  options?: (host: string) => object
  /** For a host of that name. */
  env?: Record<string, string>
  /** Has a function for headers, which only transports in the process can have. */
  isFunction?: true
  path?: string
}

/** As long as some tokens are, and nowhere like another part of itself. */
const LONG = Array.from({ length: 400 }, (_, i) => `canary${i}`).join('')

const SECRETS: readonly Secret[] = [
  {
    name: 'headers',
    options: (host) => ({
      endpoint: `http://${host}`,
      headers: { authorization: 'Bearer canary-1', 'X-Api-Key': 'canary-2' },
    }),
  },
  {
    name: 'a header with quotes',
    options: (host) => ({ endpoint: `http://${host}`, headers: { authorization: 'Digest response="canary"' } }),
  },
  {
    name: 'a long header',
    options: (host) => ({ endpoint: `http://${host}`, headers: { 'x-token': LONG } }),
  },
  { name: 'the userinfo of the URL', options: (host) => ({ endpoint: `http://user:canary%40%2F1@${host}` }) },
  {
    name: 'the query of the URL',
    options: (host) => ({ url: `http://${host}${PATH}?key=canary` }),
    path: `${PATH}?key=canary`,
  },
  {
    name: 'headers of the environment',
    env: { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20canary-1,x-api-key=%22canary%202' },
  },
  {
    name: 'headers of the environment for logs',
    env: { OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'authorization=Bearer canary-1' },
  },
  { name: 'userinfo in the environment', env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:canary-1@HOST' } },
  { name: 'a headers function', isFunction: true },
]

/** All that the server was sent that is secret, and what it stands for. */
function secretsIn({ headers, path }: ReceivedRequest): string {
  const basic = Buffer.from(headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString('latin1')
  return [...Object.values(headers), basic, path].filter((value) => String(value).includes(CANARY)).join(' ')
}

/** What we show of each: the beginning of a text, a message in JSON or protobuf, JSON as it is. */
const ANSWERS: readonly ((said: string, headers: object) => Answer)[] = [
  (said) => ({ status: 503, body: `${said} is busy` }),
  (said) => ({ status: 299, body: `taken from ${said}`, headers: { 'content-type': 'text/plain' } }),
  (said) => ({ partialSuccess: { rejected: 1, message: `not from ${said}` } }),
  (said) => ({ status: 400, body: JSON.stringify({ code: 3, message: `bad: ${said}` }), headers: JSON_TYPE }),
  (said) => ({ status: 422, body: statusBytes(`odd: ${said}`) }),
  (said) => ({ status: 301, body: `moved: ${said}`, headers: { location: `http://127.0.0.1:1/${encodeURI(said)}` } }),
  (_said, headers) => ({ status: 500, body: JSON.stringify({ headers }), headers: JSON_TYPE }),
  (said) => ({ status: 401, body: `who is ${said}?` }),
]
const JSON_TYPE = { 'content-type': 'application/json' }

/** One answer for each batch of lines, in turn, of which the last repeats; notices about losses are taken. */
function echoing(): Script {
  let index = 0
  return (request) => {
    const records = flattenRecords(request.message!, 0)
    if (records.every(({ eventName }) => eventName !== '')) return {}
    const own = Object.entries(request.headers).filter(([, value]) => String(value).includes(CANARY))
    return ANSWERS[Math.min(index++, ANSWERS.length - 1)]!(secretsIn(request), Object.fromEntries(own))
  }
}

/** A google.rpc.Status has its message in field 2, as the answer's partial success has. */
function statusBytes(message: string): Buffer {
  return encodeResponseBytes({ partialSuccess: { rejectedLogRecords: 0, errorMessage: message } }).subarray(
    message.length < 120 ? 2 : 3,
  )
}

describe.each(LOGGING_MODES)('%s', (mode) => {
  const isInProcess = IN_PROCESS.includes(mode)
  const secrets = SECRETS.filter(({ isFunction }) => isInProcess || !isFunction)
  let receivers: Receiver[]
  let result: AppResult

  beforeAll(async () => {
    receivers = await Promise.all(secrets.map(({ path = PATH }) => startReceiver({ answer: echoing(), path })))
    const ports = receivers.map(({ port }) => port)
    result = await runApp(sourceOf(mode, secrets, ports), { resolveFrom: PACKAGE_FOLDER })
    await Promise.all(receivers.map((receiver) => receiver.close()))
  })

  test.each(secrets.map(({ name }, i) => [name, i] as const))(
    'F40: a canary in %s, which the server echoes, is nowhere in what we say, report and send',
    (_name, i) => {
      const { requests, port } = receivers[i]!
      // The canary was sent, and came back in each answer, which was said.
      expect(requests.filter((request) => !secretsIn(request).includes(CANARY))).toEqual([])
      const said = isInProcess ? saidBy<string>(result, 'report') : result.stderr.split('\n')
      const lines = said.filter((line) => line.includes(`:${port}/`) && !line.startsWith('connected'))
      expect(lines).toHaveLength(ANSWERS.length)
      expect(hitsIn(lines)).toEqual([])
      expect(hitsIn(requests.map(({ body }) => body.toString('latin1')))).toEqual([])
    },
  )

  test('F40: what echoes canaries ends as ever, and all that is printed is what was looked at', () => {
    expect(result.code).toBe(7)
    const known = new RegExp(`127\\.0\\.0\\.1:(${receivers.map(({ port }) => port).join('|')})/`)
    const printed = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => line !== '')
    expect(hitsIn(printed.filter((line) => !known.test(line)))).toEqual([])
  })
})

/** An app that makes a transport for each secret, and logs through it until every answer was given. */
function sourceOf(mode: LoggingMode, secrets: readonly Secret[], ports: readonly number[]): string {
  const all = secrets.map(({ options, env = {}, isFunction = false }, i) => {
    const host = `127.0.0.1:${ports[i]}`
    const own = env['OTEL_EXPORTER_OTLP_ENDPOINT'] === undefined ? { endpoint: `http://${host}` } : {}
    const variables = Object.entries(env).map(([name, value]) => [name, value.replace('HOST', host)])
    return { options: options?.(host) ?? own, env: Object.fromEntries(variables) as object, isFunction }
  })
  return `
    ${MAKE[mode]}
    async function run({ options, env, isFunction }) {
      Object.assign(process.env, env)
      let n = 0
      const { log, flush } = make({
        ...options,
        ${IN_PROCESS.includes(mode) ? `onReport: ({ message }) => console.log('report ' + JSON.stringify(message)),` : ''}
        ...(isFunction && { headers: () => ({ authorization: 'Bearer canary-' + ++n, 'x-api-key': 'canary' }) }),
      })
      for (const name of Object.keys(env)) delete process.env[name]
      for (let i = 0; i < ${ANSWERS.length}; i++) {
        log()
        await flush()
      }
      log()
    }
    await Promise.all(${JSON.stringify(all)}.map(run))
    process.exit(7)`
}

/** `make`, as source text. */
const MAKE: Readonly<Record<LoggingMode, string>> = {
  'pino target': `
    import pino from 'pino'
    function make(options) {
      const logger = pino({ base: null }, pino.transport({ target: 'pino-otlp', options }))
      return { log: () => logger.info('line'), flush: () => new Promise((resolve) => logger.flush(resolve)) }
    }`,
  ...Object.fromEntries(
    ['otlpTransport', 'otlpStream'].map((name) => [
      name,
      `import pino from 'pino'
      import { ${name} } from 'pino-otlp'
      function make(options) {
        const transport = ${name}(options)
        const logger = pino({ base: null }, transport)
        return { log: () => logger.info('line'), flush: () => transport.flush() }
      }`,
    ]),
  ),
  winston: `
    import winston from 'winston'
    import { OtlpTransport } from 'winston-otlp'
    function make(options) {
      const transport = new OtlpTransport(options)
      const logger = winston.createLogger({ transports: [transport] })
      return { log: () => logger.info('line'), flush: () => transport.flush() }
    }`,
} as Record<LoggingMode, string>
