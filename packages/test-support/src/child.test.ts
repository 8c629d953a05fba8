import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder, runApp, startApp, type TempFolder } from './index.ts'

let folder: TempFolder

beforeEach(() => {
  folder = makeTempFolder()
})

afterEach(() => {
  const left = readdirSync(folder.path)
  folder.remove()
  if (left.length > 0) throw new Error(`An app left its file behind: ${left.join()}`)
})

describe('runApp', () => {
  test('tells how the app ended and what it printed', async () => {
    const source = `
      process.stdout.write('out ' + process.argv.slice(2))
      process.stderr.write('err ' + process.cwd())
      process.exitCode = 3`
    const result = await runApp(source, { resolveFrom: folder.path, args: ['a', 'b'] })
    expect(result).toEqual({
      code: 3,
      signal: null,
      stdout: 'out a,b',
      stderr: `err ${folder.path}`,
      millis: expect.any(Number),
    })
    expect(result.millis).toBeGreaterThan(0)
  })

  test.each([
    ['mjs', `import { sep } from 'node:path'; console.log(sep, import.meta.url !== '')`, '/ true\n'],
    ['cjs', `const { sep } = require('node:path'); console.log(sep, __filename !== '')`, '/ true\n'],
    ['ts', `const text: string = 'typed'; console.log(text)`, 'typed\n'],
  ] as const)('runs .%s', async (extension, source, stdout) => {
    const result = await runApp(source, { resolveFrom: folder.path, extension, execArgv: ['--no-warnings'] })
    expect(result).toMatchObject({ code: 0, stdout, stderr: '' })
  })

  test('resolves bare imports from the folder', async () => {
    const source = `import { ROOT_CONTEXT } from '@opentelemetry/api'; console.log(typeof ROOT_CONTEXT)`
    const resolveFrom = join(process.cwd(), 'packages/test-support')
    expect(await runApp(source, { resolveFrom, cwd: folder.path })).toMatchObject({ code: 0, stdout: 'object\n' })
    expect(readdirSync(resolveFrom).filter((name) => name.startsWith('.app-'))).toEqual([])
  })

  test('gives the app a clean environment and what it is told', async () => {
    const before = { ...process.env }
    Object.assign(process.env, { OTEL_SERVICE_NAME: 'x', npm_config_y: 'y', NODE_OPTIONS: '--no-warnings', KEPT: 'k' })
    try {
      const source = `console.log(JSON.stringify(process.env))`
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://e' }
      const seen = JSON.parse((await runApp(source, { resolveFrom: folder.path, env })).stdout)
      expect(seen).toMatchObject({ KEPT: 'k', PATH: process.env['PATH'], ...env })
      const strange = Object.keys(seen).filter((name) => /^(npm_|OTEL_S|NODE_OPTIONS|NODE_ENV|JEST_)/.test(name))
      expect(strange).toEqual([])
    } finally {
      process.env = before
    }
  })

  test('writes the input to stdin, which ends', async () => {
    const source = `for await (const chunk of process.stdin) process.stdout.write(chunk)`
    expect((await runApp(source, { resolveFrom: folder.path, input: 'żółw\n' })).stdout).toBe('żółw\n')
    expect((await runApp(source, { resolveFrom: folder.path })).stdout).toBe('')
  })

  test('kills an app that does not end, and says so with what it printed', async () => {
    const source = `console.log('pid ' + process.pid); setInterval(() => {}, 1000)`
    const app = runApp(source, { resolveFrom: folder.path, timeoutMillis: 1000 })
    await expect(app).rejects.toThrow(/still ran after 1000 ms and was killed\.\nstdout: pid \d+/)
  })

  test('rejects when node cannot be started', async () => {
    const nodePath = join(folder.path, 'no-node')
    await expect(runApp('', { resolveFrom: folder.path, nodePath })).rejects.toThrow('ENOENT')
  })
})

describe('startApp', () => {
  test('gives lines of stdout and stderr as they come, and again when they have come', async () => {
    const source = `
      console.log('one'); console.log('two'); console.error('warning')
      process.stdin.resume(); setInterval(() => {}, 1000)`
    const app = startApp(source, { resolveFrom: folder.path })
    expect(await app.stdoutLine('tw')).toBe('two')
    expect(await app.stdoutLine(/^o/)).toBe('one')
    expect(await app.stderrLine((line) => line.startsWith('w'))).toBe('warning')
    expect(app.pid).toEqual(expect.any(Number))
    app.kill('SIGKILL')
    expect(await app.done).toMatchObject({ code: null, signal: 'SIGKILL', stdout: 'one\ntwo\n' })
  })

  test('a line that never comes is a rejection when the app ends', async () => {
    const app = startApp(`process.stdout.write('no newline')`, { resolveFrom: folder.path })
    expect(await app.stdoutLine('newline')).toBe('no newline')
    await expect(app.stdoutLine('other')).rejects.toThrow('The app ended without a line that matches other')
    expect(await app.done).toMatchObject({ code: 0 })
  })

  test('keepInput leaves stdin open for more', async () => {
    const source = `for await (const chunk of process.stdin) process.stdout.write(chunk)`
    const app = startApp(source, { resolveFrom: folder.path, input: 'one\n', keepInput: true })
    await app.stdoutLine('one')
    app.write('two\n')
    await app.stdoutLine('two')
    app.endInput()
    expect(await app.done).toMatchObject({ code: 0, stdout: 'one\ntwo\n' })
  })

  test('kill sends SIGTERM, which the app may handle', async () => {
    const source = `process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')`
    const app = startApp(source, { resolveFrom: folder.path })
    await app.stdoutLine('ready')
    app.kill()
    expect(await app.done).toMatchObject({ code: 7, signal: null })
  })
})

describe('makeTempFolder', () => {
  test('removes a folder with all that is in it, twice if need be', () => {
    const { path, remove } = makeTempFolder()
    writeFileSync(join(path, 'file'), '')
    remove()
    remove()
    expect(existsSync(path)).toBe(false)
  })
})
