// A journal that somebody has prepared: links, pipes, devices, folders of others or open to them. None of it is followed,
// waited for or written to; what is sound beside it is delivered as ever. Each case begins with what a dead process left.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type AppResult, saidBy } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { type Life, TENANT } from '../../src/kill/life.ts'
import { DOWN, logAndStay, useBench } from './journal-bench.ts'

const held = useBench()
const LEFT = 50
const LINES = 10
/** The promise is 50 ms. A busy machine may take its time. */
const MAX_START_MILLIS = 250
const NOBODY = 65_534
const IS_ROOT = process.geteuid?.() === 0
const FORGED = 'ffffffffffffffff'

/** Looks at what was left, and would have delivered it by then: its own lines come later. */
function source(): string {
  return `
    say('startMillis', startMillis)
    await new Promise((resolve) => setTimeout(resolve, 150))
    log(${LINES})
    await transport.flush()
    sayStats()
    process.exit(0)`
}

function setUp(endpoint: string, directory: string): string {
  return `
    import pino from 'pino'
    import { otlpStream } from 'pino-otlp'
    otlpStream({ endpoint: ${JSON.stringify(endpoint)} })
    const startedAt = performance.now()
    const transport = otlpStream(${JSON.stringify({ endpoint, scheduledDelayMillis: 20, journal: { directory, tenant: TENANT } })})
    const startMillis = performance.now() - startedAt
    const logger = pino({ base: null }, transport)`
}

/** What a process left that was killed, and where. */
async function leave(): Promise<{ left: Life; folder: string }> {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const left = await bench.dead('otlpStream', LEFT)
  bench.receiver.setAnswer({})
  const [instance] = fs.readdirSync(bench.keyFolder)
  return { left, folder: join(bench.keyFolder, instance!) }
}

/** Starts a process that finds all this: it starts at once, and delivers its own lines. */
async function find(of: string, execArgv: string[] = []): Promise<AppResult> {
  const { bench } = held
  const life = bench.start('otlpStream', {
    source: source(),
    setUp: setUp(bench.receiver.endpoint, bench.directory),
    execArgv,
  })
  const result = await life.app.done
  const [startMillis] = saidBy<number>(result, 'startMillis')
  figure('F22', of, { startMillis: Math.round(startMillis!) })
  expect(startMillis).toBeLessThan(MAX_START_MILLIS)
  expect(result.code).toBe(0)
  expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: LINES, duplicates: 0 })
  return result
}

/** Moves something out of the journal, and puts a link in its place. */
function linkTo(path: string): string {
  const elsewhere = join(held.bench.folder, 'elsewhere')
  fs.renameSync(path, elsewhere)
  fs.symlinkSync(elsewhere, path)
  return elsewhere
}

/** For `node`: a path that belongs to another user, which only root can arrange on the disk. */
function ofAnother(path: string): string[] {
  const lie = `
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const real = fs.lstatSync
    fs.lstatSync = (path, ...rest) => {
      const state = real(path, ...rest)
      if (String(path) === ${JSON.stringify(path)}) state.uid = ${NOBODY}
      return state
    }
    syncBuiltinESMExports()`
  return ['--import', `data:text/javascript,${encodeURIComponent(lie)}`]
}

function everythingIn(folder: string): [string, string][] {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
  return names.map((name) => {
    const path = join(folder, name)
    const state = fs.lstatSync(path)
    return [
      name,
      state.isFile() ? createHash('sha256').update(fs.readFileSync(path)).digest('hex') : String(state.mode),
    ]
  })
}

describe('a folder above the processes', () => {
  type Prepare = (directory: string, keyFolder: string) => void
  const cases: [string, RegExp, Prepare][] = [
    ['a directory that is a link', /it is a symbolic link/, (directory) => void linkTo(directory)],
    [
      'a directory that all may write to',
      /others may write to it \(mode 777\)/,
      (directory) => fs.chmodSync(directory, 0o777),
    ],
    [
      'a directory that a group may write to',
      /others may write to it \(mode 770\)/,
      (directory) => fs.chmodSync(directory, 0o770),
    ],
    ['a link below the directory', /it is a symbolic link/, (_directory, keyFolder) => void linkTo(keyFolder)],
  ]

  test.each(cases)('F22: %s is refused, with one warning, and nothing in it is touched', (of, why, prepare) =>
    refuse(of, why, prepare),
  )

  test('F22: a folder of another user is refused, with one warning, and nothing in it is touched', () =>
    refuse('another user', /it belongs to another user/, () => {}, ofAnother(join(held.bench.directory, 'v1'))))

  async function refuse(of: string, why: RegExp, prepare: Prepare, execArgv: string[] = []): Promise<void> {
    const { bench } = held
    const { left } = await leave()
    prepare(bench.directory, bench.keyFolder)
    const before = everythingIn(fs.realpathSync(bench.directory))
    const { stderr } = await find(of, execArgv)
    expect(stderr).toMatch(/^pino-otlp: the journal in .* cannot be used .*\n$/)
    expect(stderr).toMatch(why)
    expect(everythingIn(fs.realpathSync(bench.directory))).toEqual(before)
    expect(bench.arrivals.of(left.name).delivered).toBe(0)
  }
})

describe('a folder of a process', () => {
  const cases: [string, (folder: string) => void][] = [
    ['is a link', (folder) => void linkTo(folder)],
    ['may be written to by others', (folder) => fs.chmodSync(folder, 0o777)],
    [
      'is a link among those that were adopted',
      (folder) => {
        const heap = join(held.bench.folder, 'heap')
        fs.mkdirSync(heap)
        fs.renameSync(folder, join(heap, '0123456789abcdef'))
        fs.symlinkSync(heap, join(folder, '..', `${FORGED}.adopt`))
      },
    ],
  ]

  test.each(cases)('F22: that %s is left alone', (of, prepare) => leaveAlone(of, prepare))

  test('F22: that belongs to another user is left alone', () => leaveAlone('of another user', () => {}, ofAnother))

  async function leaveAlone(
    of: string,
    prepare: (folder: string) => void,
    argvFor: (folder: string) => string[] = () => [],
  ): Promise<void> {
    const { bench } = held
    const { left, folder } = await leave()
    prepare(folder)
    const paths = [join(bench.folder, 'elsewhere'), join(bench.folder, 'heap'), folder].filter((path) =>
      fs.existsSync(path),
    )
    const before = paths.map(everythingIn)
    expect((await find(of, argvFor(folder))).stderr).toBe('')
    expect(paths.map(everythingIn)).toEqual(before)
    expect(bench.arrivals.of(left.name).delivered).toBe(0)
  }
})

describe('beside what a dead process left', () => {
  const pipe = (path: string): void => void execFileSync('mkfifo', [path])
  const cases: [string, (folder: string) => void][] = [
    [
      'a pipe in place of a segment, the cursor and the sign of life',
      (folder) => ['00000000.seg', 'cur', 'h'].forEach((name) => pipe(join(folder, name))),
    ],
    ['a folder in place of a segment', (folder) => fs.mkdirSync(join(folder, '00000000.seg'))],
    ['a link in place of a segment', (folder) => fs.symlinkSync('/etc/passwd', join(folder, '00000000.seg'))],
    [
      'files of others, and names that lead elsewhere',
      (folder) =>
        ['..seg', '../notes', '1.seg', '00000001.seg.bak'].forEach((name) =>
          fs.writeFileSync(join(folder, name), 'mine'),
        ),
    ],
    [
      'a file in place of the folder for adopted ones',
      (folder) => fs.writeFileSync(join(folder, '..', `${FORGED}.adopt`), ''),
    ],
    ['a file in place of the folder of a process', (folder) => fs.writeFileSync(join(folder, '..', FORGED), '')],
  ]

  test.each(cases)('F22: %s keeps nothing from being delivered', (of, prepare) => deliverAll(of, prepare))

  test('F22: a device, or a socket, in place of a segment keeps nothing from being delivered', async () => {
    const server = createServer()
    await deliverAll('a device', (folder) => {
      server.listen(join(folder, '00000000.seg'))
      // Which only root may make. /dev/zero has no end, /dev/full takes nothing.
      if (IS_ROOT) execFileSync('mknod', [join(folder, '00000002.seg'), 'c', '1', '5'])
      if (IS_ROOT) execFileSync('mknod', [join(folder, '00000003.seg'), 'c', '1', '7'])
    })
    await new Promise((resolve) => server.close(resolve))
  })

  async function deliverAll(of: string, prepare: (folder: string) => void): Promise<void> {
    const { bench } = held
    const { left, folder } = await leave()
    prepare(folder)
    expect((await find(of)).stderr).toBe('')
    expect(bench.arrivals.of(left.name)).toMatchObject({ delivered: LEFT, duplicates: 0, mismatches: 0 })
  }
})

test('F22: what a server refuses is not kept in a folder that is a link', async () => {
  const { bench } = held
  const { folder } = await leave()
  const elsewhere = join(bench.folder, 'elsewhere')
  fs.mkdirSync(elsewhere)
  fs.symlinkSync(elsewhere, join(folder, '..', 'dead'))
  bench.receiver.setAnswer({ status: 400 })
  const life = bench.start('otlpStream', {
    source: `log(${LINES}); await transport.flush(); sayStats(); process.exit(0)`,
  })
  const [stats] = saidBy<{ dropped: object }>(await life.app.done, 'stats')
  expect(stats!.dropped).toMatchObject({ rejected: expect.any(Number) })
  expect(fs.readdirSync(elsewhere)).toEqual([])
})

test('F22: with a umask of 0 folders are 0700 and files 0600, also those of what was refused', async () => {
  const { bench } = held
  bench.receiver.setAnswer((_request, i) => ({ status: i === 0 ? 400 : 503 }))
  const life = bench.start('otlpStream', {
    source: `log(10); await transport.flush(); log(10); await transport.flush(); ${logAndStay(10)}`,
    execArgv: ['--import', 'data:text/javascript,process.umask(0)'],
  })
  await life.app.stdoutLine('written')
  const modes = ['.', ...bench.files].map((name) => {
    const state = fs.lstatSync(join(bench.directory, name))
    const kind = state.isDirectory() ? 'folder' : state.isFile() ? 'file' : 'socket'
    return `${kind} ${(state.mode & 0o777).toString(8)}`
  })
  expect(bench.files).toContainEqual(expect.stringMatching(/\/dead\/.+/))
  // A socket's own mode is no matter: its folder keeps everybody else out.
  expect(new Set(modes.filter((mode) => !mode.startsWith('socket')))).toEqual(new Set(['folder 700', 'file 600']))
})
