// A directory that cannot be a journal: read-only, a file, below a file, nowhere, or removed while it is used. The app starts as
// fast as ever and is told once; what it logs is delivered from memory.

import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AppResult, saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { TENANT } from '../../src/kill/life.ts'
import { DOWN, STAY, useBench } from './journal-bench.ts'
import { SMALL_DISKS } from './small-disk.ts'

const held = useBench()
const LINES = 100
/** The promise is 50 ms. A busy machine may take its time. */
const MAX_START_MILLIS = 250
/** An app that hangs is ended. */
const MAX_RUN_MILLIS = 10_000
/** Root may write in spite of a folder's mode: it makes the transport as somebody else. */
const NOBODY = 65_534
const IS_ROOT = process.geteuid?.() === 0

const SOURCE = `
  say('startMillis', startMillis)
  for (let i = 0; i < 5; i++) {
    log(${LINES / 5})
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await transport.flush()
  sayStats()
  process.exit(0)`

/** Tells how long it takes to make the transport. */
function setUp(endpoint: string, directory: string, asNobody: boolean): string {
  return `
    import pino from 'pino'
    import { otlpStream } from 'pino-otlp'
    const options = ${JSON.stringify({ endpoint, scheduledDelayMillis: 20 })}
    // What the first call loads, it loads with or without a journal.
    otlpStream(options)
    if (${asNobody}) process.seteuid(${NOBODY})
    const startedAt = performance.now()
    const transport = otlpStream({ ...options, journal: ${JSON.stringify({ directory, tenant: TENANT })} })
    const startMillis = performance.now() - startedAt
    if (${asNobody}) process.seteuid(0)
    const logger = pino({ base: null }, transport)`
}

interface RunOptions {
  execArgv?: readonly string[]
  asNobody?: boolean
}

async function run(
  of: string,
  directory: string,
  { execArgv = [], asNobody = false }: RunOptions = {},
): Promise<AppResult> {
  const { bench } = held
  const life = bench.start('otlpStream', {
    source: SOURCE,
    setUp: setUp(bench.receiver.endpoint, directory, asNobody),
    execArgv: [...execArgv],
    timeoutMillis: MAX_RUN_MILLIS,
  })
  const result = await life.app.done
  const [startMillis] = saidBy<number>(result, 'startMillis')
  figure('F16', of, { startMillis: Math.round(startMillis!) })
  expect(startMillis).toBeLessThan(MAX_START_MILLIS)
  expect(result.code).toBe(0)
  expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: LINES, duplicates: 0, mismatches: 0 })
  return result
}

/** @param why what the one line on stderr gives as the reason */
function expectOneWarning({ stderr }: AppResult, directory: string, why: RegExp): void {
  const lines = stderr.split('\n').filter((line) => line !== '')
  const begin = `pino-otlp: the journal in ${directory} cannot be used (`
  expect(lines).toEqual([expect.stringContaining(begin)])
  expect(lines[0]!.slice(begin.length)).toMatch(why)
}

test('F16: a directory that is not there yet is made', async () => {
  const directory = join(held.bench.folder, 'a', 'b', 'c')
  expect((await run('missing', directory)).stderr).toBe('')
})

test('F16: a directory that is a file means memory only, and one warning', async () => {
  const directory = join(held.bench.folder, 'file')
  writeFileSync(directory, '')
  expectOneWarning(await run('a file', directory), directory, /^EEXIST|^ENOTDIR|not a folder/)
})

test('F16: a directory below a file means memory only, and one warning', async () => {
  const file = join(held.bench.folder, 'file')
  writeFileSync(file, '')
  expectOneWarning(await run('below a file', join(file, 'journal')), join(file, 'journal'), /^ENOTDIR/)
})

test('F16: a directory in a place where none can be made means memory only, and one warning', async () => {
  if (process.platform !== 'linux') return
  const directory = '/proc/1/journal'
  expectOneWarning(await run('nowhere', directory), directory, /^ENOENT|^EACCES|^EPERM/)
})

test.each(SMALL_DISKS)(
  'F16: a directory on a disk that is read-only means memory only, and one warning that says so: %s',
  async (_where, make) => {
    const { bench } = held
    const disk = make(join(bench.folder, 'disk'))
    bench.atEnd(() => disk.remove())
    disk.readOnly()
    const directory = join(disk.path, 'journal')
    expectOneWarning(await run('read-only', directory, { execArgv: [...disk.execArgv] }), directory, /^EROFS|read-only/)
  },
)

test('F16: a directory that may not be written to means memory only, and one warning', async () => {
  const directory = join(held.bench.folder, 'journal')
  mkdirSync(directory)
  chmodSync(directory, 0o555)
  chmodSync(held.bench.folder, 0o755)
  if (IS_ROOT) chownSync(directory, NOBODY, NOBODY)
  expectOneWarning(await run('EACCES', directory, { asNobody: IS_ROOT }), directory, /^EACCES/)
})

test('F16: a directory that is removed while it is used is made again, and what is logged then survives a kill', async () => {
  const { bench } = held
  const source = `
    log(10)
    await transport.flush()
    say('flushed')
    await cue('removed')
    for (let i = 0; i < 50; i++) {
      log(1)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    say('done')
    ${STAY}`
  const life = bench.start('otlpStream', { source, options: { scheduledDelayMillis: 20 }, keepInput: true })
  await life.app.stdoutLine('flushed')
  rmSync(bench.directory, { recursive: true })
  life.app.write('removed\n')
  await bench.waitFor(life, 30)
  // From here on nobody takes what is logged.
  bench.receiver.setAnswer(DOWN)
  await life.app.stdoutLine('done')
  await life.kill()
  const { stderr } = await life.app.done
  bench.receiver.setAnswer({})
  await bench.drain()
  expect(bench.arrivals.missing(life.name, life.logged)).toEqual([])
  // It works as ever.
  expect(stderr).not.toContain('the journal in')
})
