// `protocol: 'grpc'` with winston: all that it promises at an end holds as over HTTP.

import { join } from 'node:path'
import { type GrpcReceiver, runApp, startGrpcReceiver } from '@otlp-logs/test-support'

const PACKAGE_FOLDER = join(__dirname, '..')
const LINES = 100

let receiver: GrpcReceiver

beforeEach(async () => {
  receiver = await startGrpcReceiver()
})

afterEach(() => receiver.close())

const IMPORTS = {
  mjs: `import winston from 'winston'\nimport { OtlpTransport } from 'winston-otlp'`,
  cjs: `const winston = require('winston')\nconst { OtlpTransport } = require('winston-otlp')`,
}

describe.each(['mjs', 'cjs'] as const)('%s', (extension) => {
  test.each([
    ['a natural end', 'process.exitCode = 3'],
    ['logger.end()', `logger.end(); logger.on('finish', () => { process.exitCode = 3 })`],
    ['process.exit(3)', 'process.exit(3)'],
  ])('O12: every entry is delivered before %s', async (_end, end) => {
    const source = `${IMPORTS[extension]}
      const options = { protocol: 'grpc', endpoint: '${receiver.endpoint}', compression: 'gzip' }
      const logger = winston.createLogger({ transports: [new OtlpTransport(options)] })
      for (let n = 1; n <= ${LINES}; n++) logger.info('entry ' + n)
      ${end}`
    expect(await runApp(source, { resolveFrom: PACKAGE_FOLDER, extension })).toMatchObject({ code: 3, stderr: '' })
    expect(receiver.records.map(({ body }) => body)).toEqual(Array.from({ length: LINES }, (_, i) => `entry ${i + 1}`))
    expect(receiver.problems).toEqual([])
  })
})
