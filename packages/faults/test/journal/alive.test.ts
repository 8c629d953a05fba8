// A process that lives is never taken for dead: not when it is stopped, busy or in another container, nor when the clock
// of those that look at it is a year ahead. They look many times, and each time adopt what really is an orphan.

import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { LoggingMode } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { TENANT, type Life } from '../../src/kill/life.ts'
import { DOWN, logAndStay, STAY, useBench } from './journal-bench.ts'

const held = useBench()
const LOOKS = 25
const LINES = 100
/** Sorted behind all others: when it is adopted, all others were looked at. */
const LAST = 'fffffffffff'

/** Blocks the event loop of whoever wrote them, and takes no CPU. */
const BLOCK = `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`
const CLOCK_AHEAD = `data:text/javascript,${encodeURIComponent(`
  const now = Date.now
  Date.now = () => now() + 365 * 24 * 3600 * 1000`)}`
const NAMESPACES = ['-n', '-p', '-f', '--kill-child']

function canUnshare(): boolean {
  try {
    execFileSync('unshare', [...NAMESPACES, 'true'], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

/** Puts an orphan there, and makes a transport that looks at all folders until it has found it; so many times. */
function lookSource(round: number, keyFolder: string, orphan: string, endpoint: string, directory: string): string {
  return `
    const { cpSync, existsSync } = await import('node:fs')
    const options = ${JSON.stringify({ endpoint, headers: { 'x-sender': 'looker' }, journal: { directory, tenant: TENANT } })}
    for (let i = 0; i < ${LOOKS}; i++) {
      const folder = ${JSON.stringify(keyFolder)} + '/${LAST}' + (${0x10000 * round} + i).toString(16)
      cpSync(${JSON.stringify(orphan)}, folder, { recursive: true })
      const looker = otlpStream(options)
      while (existsSync(folder)) await new Promise((resolve) => setTimeout(resolve, 5))
      await looker.close()
    }
    say('looked', ${LOOKS})`
}

test('F26: a process that is stopped, blocked, in other namespaces, or seen by a clock a year ahead is never taken for dead', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const blocked = (mode: LoggingMode): Life => bench.start(mode, { source: `log(${LINES}); say('written'); ${BLOCK}` })
  const owners = {
    idle: bench.start('otlpStream', { source: logAndStay(LINES) }),
    stopped: bench.start('winston', { source: logAndStay(LINES) }),
    blocked: blocked('otlpStream'),
    'with a worker': bench.start('otlpTransport', {
      source: `log(${LINES}); await transport.flush(); say('written'); ${STAY}`,
    }),
    ...(canUnshare() && {
      'in other namespaces': bench.start('otlpStream', {
        source: logAndStay(LINES),
        nodePath: 'unshare',
        execArgv: [...NAMESPACES, process.execPath],
      }),
    }),
  }
  await Promise.all(Object.values(owners).map(({ app }) => app.stdoutLine('written')))
  owners.stopped.app.kill('SIGSTOP')
  const { keyFolder } = bench
  const folders = readdirSync(keyFolder)
  expect(folders).toHaveLength(Object.keys(owners).length)

  const names = Object.values(owners).map(({ name }) => name)
  bench.receiver.setAnswer(({ headers }) => (names.includes(String(headers['x-sender'])) ? { status: 503 } : {}))
  const orphan = join(bench.folder, 'orphan')
  mkdirSync(orphan)
  cpSync(join(keyFolder, folders[0]!, '00000001.seg'), join(orphan, '00000001.seg'))
  writeFileSync(join(orphan, 'h'), 'closed')
  const setUp = `import { otlpStream } from 'pino-otlp'; const transport = undefined; const logger = undefined`
  for (const [i, execArgv] of [[], ['--import', CLOCK_AHEAD]].entries()) {
    const source = lookSource(i + 1, keyFolder, orphan, bench.receiver.endpoint, bench.directory)
    const looker = bench.start('otlpStream', { source, setUp, execArgv })
    await looker.app.stdoutLine('looked')
    await looker.app.done
  }

  // What the lookers adopted and had no time to deliver lies in a heap.
  const stay = readdirSync(keyFolder).filter((name) => !name.endsWith('.adopt'))
  figure('F26', 'all owners', { looks: 2 * LOOKS * names.length, adoptedAlive: folders.length - stay.length })
  expect(stay).toEqual(folders)
})
