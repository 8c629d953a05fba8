// A TypeScript user of the public API: its source, and the compiler run over it as the user would run it. The
// declarations of the packages are checked too (skipLibCheck: false), for what they import has to be there.

import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const PINO_CONSUMER: string = `
import { pino } from 'pino'
import { otlpStream, otlpTransport, traceContext } from 'pino-otlp'

const transport = otlpTransport({
  endpoint: 'http://localhost:4318',
  protocol: 'http/json',
  headers: { authorization: 'Bearer x' },
  resource: { 'service.name': 'orders' },
})
const stream = otlpStream({ endpoint: 'http://localhost:4318', compression: 'gzip', timeoutMillis: 5_000 })
export const log = pino(
  { mixin: traceContext },
  pino.multistream([
    { level: 'trace', stream: process.stdout },
    { level: 'trace', stream: transport },
    { level: 'info', stream },
  ]),
)
export const alone = pino({}, otlpStream({ endpoint: 'http://localhost:4318' }))
export async function end(): Promise<number> {
  await transport.flush()
  const { sent, dropped, waiting } = transport.stats()
  await transport.close()
  await stream.close()
  return sent + dropped.total + waiting.records
}
// @ts-expect-error: an unknown protocol
otlpStream({ endpoint: 'http://localhost:4318', protocol: 'thrift' })
`

export const WINSTON_CONSUMER: string = `
import { createLogger, format, transports } from 'winston'
import { OtlpTransport, traceContext } from 'winston-otlp'

const otlp = new OtlpTransport({
  endpoint: 'http://localhost:4318',
  level: 'debug',
  format: format.json(),
  handleExceptions: true,
  resource: { 'service.name': 'orders' },
})
export const log = createLogger({
  format: format.combine(traceContext(), format.json()),
  transports: [new transports.Console(), otlp],
  exceptionHandlers: [otlp],
})
log.add(new OtlpTransport())
export async function end(): Promise<number> {
  await otlp.flush()
  otlp.close()
  const { sent, dropped, waiting } = otlp.stats()
  return sent + dropped.total + waiting.records
}
// @ts-expect-error: an unknown protocol
new OtlpTransport({ protocol: 'thrift' })
`

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'preserve', moduleResolution: 'bundler' },
  commonjs: { module: 'commonjs', moduleResolution: 'node10' },
} as const

export interface Compiler {
  resolution: keyof typeof RESOLUTIONS
  /** Only TypeScript 5 can have it off. */
  esModuleInterop?: boolean
}

/** Gives what the compiler complains about, in an ES module and in CommonJS: '' if all is well. */
export function typecheck(folder: string, source: string, { resolution, esModuleInterop }: Compiler): Promise<string> {
  const project = join(folder, `types-${resolution}-${esModuleInterop ?? 'default'}`)
  mkdirSync(project)
  if (resolution === 'commonjs') writeFileSync(join(project, 'consumer.ts'), source)
  else for (const extension of ['cts', 'mts']) writeFileSync(join(project, `consumer.${extension}`), source)
  const compilerOptions = {
    ...RESOLUTIONS[resolution],
    ...(esModuleInterop !== undefined && { esModuleInterop }),
    target: 'es2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    typeRoots: [resolve('node_modules/@types')],
    types: ['node'],
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['consumer.*'] }))
  const compiler = esModuleInterop === undefined ? 'typescript' : 'typescript-5'
  const args = [resolve(`node_modules/${compiler}/bin/tsc`), '-p', project, '--pretty', 'false']
  return new Promise((done) => {
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      done(error ? `${stdout}${stderr}` || error.message : '')
    })
  })
}
