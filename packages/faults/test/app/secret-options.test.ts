// A canary in options and variables that are wrong, or odd enough for a warning: what is thrown or said names the option, and
// shows no secret.

import { join } from 'node:path'
import { LOGGING_MODES, type LoggingMode, runApp } from '@otlp-logs/test-support'
import { hitsIn } from './canary.ts'

const WRONG_OPTIONS: readonly object[] = [
  { headers: 'Bearer canary' },
  { headers: ['canary'] },
  { headers: { authorization: 'Bearer canary\n' } },
  { headers: { authorization: ['canary'] } },
  { headers: { 'canary token': 'x' } },
  { endpoint: 'ftp://user:canary@host' },
  { endpoint: 'user:canary@host:4318' },
  { endpoint: 'http:/user:canary@host' },
  { endpoint: 'http://user:canary@host:port' },
  { endpoint: 'http://user:canary/1@host' },
  { endpoint: 'http://user:canary@' },
  { endpoint: ['http://user:canary@host'] },
  { endpoint: 'http://user:canary@127.0.0.1:4317' },
  { endpoint: 'http://user:canary@127.0.0.1/v1/logs' },
  { url: 'grpc://user:canary@host' },
  { endpoint: 'http://127.0.0.1', url: 'http://user:canary@127.0.0.1/v1/logs/v1/logs' },
  { redact: { paths: ['a'], censor: 'hash', hashKey: 'canary' } },
]
const WRONG_VARIABLES: readonly Record<string, string>[] = [
  { OTEL_EXPORTER_OTLP_HEADERS: 'Bearer canary' },
  { OTEL_EXPORTER_OTLP_HEADERS: 'Bearer canary=' },
  { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,authorization=%canary' },
  { OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'authorization=canary%0A' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'user:canary@host' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: 'https:/user:canary@host' },
  { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'ftp://user:canary@host' },
]

/** What a transport has to do until it has said what it has to say about its options. */
const AFTER: Readonly<Record<LoggingMode, string>> = {
  'pino target': `new Promise((resolve) => made.once('ready', resolve))`,
  otlpTransport: 'made.close()',
  otlpStream: 'made.close()',
  winston: `new Promise((resolve) => made.once('finish', resolve).end())`,
}

test.each(LOGGING_MODES)(
  'F40: a canary in options and variables that are wrong is nowhere in what %s throws and says',
  async (mode) => {
    const make = {
      'pino target': `pino.transport({ target: 'pino-otlp', options })`,
      otlpTransport: 'otlpTransport(options)',
      otlpStream: 'otlpStream(options)',
      winston: 'new OtlpTransport(options)',
    }[mode]
    const source = `
      import pino from 'pino'
      import { otlpStream, otlpTransport } from 'pino-otlp'
      import { OtlpTransport } from 'winston-otlp'
      import { inspect } from 'node:util'
      const ends = []
      function run(options) {
        try {
          const made = ${make}
          ends.push(${AFTER[mode]})
        } catch (error) {
          console.log('thrown', inspect(error))
        }
      }
      const short = { closeTimeoutMillis: 0 }
      for (const options of ${JSON.stringify(WRONG_OPTIONS)}) run({ ...short, ...options })
      for (const variables of ${JSON.stringify(WRONG_VARIABLES)}) {
        Object.assign(process.env, variables)
        run(short)
        for (const name of Object.keys(variables)) delete process.env[name]
      }
      await Promise.all(ends)
      process.exit(7)`
    const result = await runApp(source, { resolveFrom: join(__dirname, '../..') })
    expect(result.code).toBe(7)
    const said = result.stdout.split('thrown').length - 1 + result.stderr.split('-otlp: ').length - 1
    expect(said).toBeGreaterThanOrEqual(WRONG_OPTIONS.length + WRONG_VARIABLES.length)
    expect(hitsIn([result.stdout, result.stderr])).toEqual([])
  },
)
