// A disk that is full: the app does not notice, what it logs is delivered from memory, and the journal is one again when
// there is room. A full file system, and a limit on the size of files, which fails in the middle of a write.

import { join } from 'node:path'
import { inspectJournal } from 'otlp-logs-core'
import { saidBy } from '@otlp-logs/test-support'
import type { Life } from '../../src/kill/life.ts'
import { hasten, REPAIR_MILLIS } from './haste.ts'
import { DOWN, IN_PROCESS, STAY, useBench } from './journal-bench.ts'
import { SMALL_DISKS, type SmallDisk } from './small-disk.ts'

const held = useBench()
const JOURNAL = { segmentBytes: 64 * 1024, minFreeBytes: 0 }
/** Below the size of a segment, and above that of a slab. */
const FILE_LIMIT = 300 * 1024
const HASTE = ['--import', hasten(REPAIR_MILLIS)]
const SOON = { scheduledDelayMillis: 20 }

function smallDisk(make: (path: string) => SmallDisk): SmallDisk {
  const disk = make(join(held.bench.folder, 'disk'))
  held.bench.atEnd(() => disk.remove())
  held.bench.directory = join(disk.path, 'journal')
  return disk
}

/** Logs a line now and then until the journal has taken some again. */
const UNTIL_RESUMED = `
  const before = transport.stats().journal.bytes
  while (transport.stats().journal.bytes === before) {
    log(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  say('resumed')`

async function resumed({ app }: Life): Promise<void> {
  await app.stdoutLine('resumed')
}

/** Nothing in the journal is damaged. */
async function expectSound(): Promise<void> {
  const { instances } = await inspectJournal(held.bench.directory)
  const damaged = instances.filter(({ torn, corrupt }) => torn + corrupt > 0)
  expect(damaged).toEqual([])
}

test.each(SMALL_DISKS)(
  'F14: while the disk is full, all lines are delivered from memory, with one warning; then the journal is one again: %s',
  async (_where, make) => {
    const { bench } = held
    const disk = smallDisk(make)
    const source = `
      log(100)
      say('written')
      await cue('full')
      for (let i = 0; i < 20; i++) {
        log(100, 200)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await cue('room')
      ${UNTIL_RESUMED}
      ${STAY}`
    const lives = IN_PROCESS.map((mode) =>
      bench.start(mode, {
        source,
        options: SOON,
        journal: JOURNAL,
        keepInput: true,
        execArgv: [...disk.execArgv, ...HASTE],
      }),
    )
    const cue = (name: string): void => lives.forEach(({ app }) => app.write(`${name}\n`))
    await Promise.all(lives.map(({ app }) => app.stdoutLine('written')))
    disk.fill()
    cue('full')
    await Promise.all(lives.map((life) => bench.waitFor(life, 2100)))
    bench.receiver.setAnswer(DOWN)
    disk.empty()
    cue('room')
    for (const life of lives) {
      await resumed(life)
      await life.kill()
      expect((await life.app.done).stderr.match(/the journal in .* cannot be used .*/g)).toHaveLength(1)
    }
    await expectSound()
    bench.receiver.setAnswer({})
    await bench.drain()
    for (const { name, logged } of lives) {
      expect(bench.arrivals.missing(name, logged)).toEqual([])
      expect(bench.arrivals.of(name)).toMatchObject({ duplicates: 0, mismatches: 0 })
    }
  },
)

test.each(SMALL_DISKS)(
  'F14: while the disk has no room for another segment, all lines are delivered from memory: %s',
  async (_where, make) => {
    const { bench } = held
    const disk = smallDisk(make)
    const source = `log(300, 200); say('written'); await cue('full'); log(3000, 200); await transport.flush(); sayStats(); process.exit(0)`
    const life = bench.start('otlpStream', { source, journal: JOURNAL, keepInput: true, execArgv: [...disk.execArgv] })
    await life.app.stdoutLine('written')
    disk.fill(JOURNAL.segmentBytes - 10_000)
    life.app.write('full\n')
    life.app.endInput()
    const result = await life.app.done
    expect(saidBy<{ dropped: object }>(result, 'stats')[0]!.dropped).toEqual({ total: 0 })
    expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: 3300, duplicates: 0 })
    // It is not the quota that is used up.
    expect(result.stderr).not.toContain('quota')
  },
)

test.each(SMALL_DISKS)(
  'F14: what is logged in an outage while the disk is full waits in memory, is written when there is room, and survives a kill: %s',
  async (_where, make) => {
    const { bench } = held
    bench.receiver.setAnswer(DOWN)
    const disk = smallDisk(make)
    const source = `log(100); say('written'); await cue('full'); log(1000); say('logged so far'); await cue('room'); ${UNTIL_RESUMED}; ${STAY}`
    const life = bench.start('otlpStream', {
      source,
      journal: JOURNAL,
      keepInput: true,
      execArgv: [...disk.execArgv, ...HASTE],
    })
    await life.app.stdoutLine('written')
    disk.fill()
    life.app.write('full\n')
    await life.app.stdoutLine('logged so far')
    disk.empty()
    life.app.write('room\n')
    await resumed(life)
    await life.kill()
    await expectSound()
    bench.receiver.setAnswer({})
    await bench.drain()
    expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: life.logged, duplicates: 0, disordered: 0 })
  },
)

test.each(SMALL_DISKS)(
  'F14: a process that ends while the disk is full says how many lines are lost, and leaves the others to the next one: %s',
  async (_where, make) => {
    const { bench } = held
    await bench.receiver.close()
    const disk = smallDisk(make)
    const source = `log(100); say('written'); await cue('full'); log(500); process.exit(0)`
    const options = { closeTimeoutMillis: 500 }
    const life = bench.start('otlpStream', {
      source,
      options,
      journal: JOURNAL,
      keepInput: true,
      execArgv: [...disk.execArgv],
    })
    await life.app.stdoutLine('written')
    disk.fill()
    life.app.write('full\n')
    life.app.endInput()
    const { stderr } = await life.app.done
    const lost = Number(/: (\d+) log records not delivered/.exec(stderr)?.[1])
    expect(lost).toBeGreaterThan(0)
    disk.empty()
    await bench.reopen()
    await bench.drain()
    expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: 600 - lost, duplicates: 0 })
  },
)

test('F14: a write that stops half way, as files may not grow any more, leaves nothing torn, and costs no line', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const source = `log(1500, 200); say('logged so far'); ${UNTIL_RESUMED}; ${STAY}`
  const life = bench.start('otlpStream', {
    source,
    nodePath: 'prlimit',
    execArgv: [`--fsize=${FILE_LIMIT}`, process.execPath, ...HASTE],
  })
  await life.app.stdoutLine('logged so far')
  await resumed(life)
  await life.kill()
  expect((await life.app.done).stderr).toContain('EFBIG')
  await expectSound()
  bench.receiver.setAnswer({})
  await bench.drain()
  expect(bench.arrivals.of(life.name)).toMatchObject({ delivered: life.logged, duplicates: 0, disordered: 0 })
})
