import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { makeTempFolder, ManualClock } from '@otlp-logs/test-support'
import { type Disk, systemDisk } from './disk.ts'
import { announceLife, Observer } from './liveness.ts'

const temp = makeTempFolder()
afterAll(() => temp.remove())

let folders = 0
let ends: ((leavesRecords: boolean) => void)[] = []

/** A folder of a process, as short or as long a path as asked for. */
function folderOf(name = ''): string {
  const folder = join(temp.path, `${folders++}${name}`)
  fs.mkdirSync(folder)
  return folder
}

afterEach(() => {
  for (const end of ends) end(false)
  ends = []
})

function announce(folder: string, disk: Disk = systemDisk): (leavesRecords: boolean) => void {
  const end = announceLife(folder, disk, new ManualClock())
  ends.push(end)
  return (leavesRecords) => {
    ends.splice(ends.indexOf(end), 1)
    end(leavesRecords)
  }
}

const isDead = (folder: string): Promise<boolean> => new Observer(systemDisk, new ManualClock()).isDead(folder)

/** A socket as a process or thread leaves it that is gone: nobody listens. */
const LISTEN = `
  const { createServer } = require('node:net')
  const { renameSync } = require('node:fs')
  createServer().listen(folder + '/s')
  renameSync(folder + '/s', folder + '/l')`

describe('a process that announces life', () => {
  it('lives for everybody who asks, until it ends, and leaves nothing where it leaves no records', async () => {
    const folder = folderOf()
    const end = announce(folder)
    expect(fs.readdirSync(folder)).toEqual(['l'])
    expect([await isDead(folder), await isDead(folder)]).toEqual([false, false])
    end(false)
    expect(fs.readdirSync(folder)).toEqual([])
  })

  it('is dead at once where it ends and leaves records', async () => {
    const folder = folderOf()
    announce(folder)(true)
    expect(fs.readdirSync(folder)).toEqual(['h'])
    expect(await isDead(folder)).toBe(true)
  })

  it('is dead at once where the disk is full, and it cannot say so', async () => {
    const folder = folderOf()
    const full: Disk = {
      ...systemDisk,
      writeAt() {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      },
    }
    announce(folder, full)(true)
    expect(await isDead(folder)).toBe(true)
  })

  it('F26: can be asked by a path that is too long for a socket', async () => {
    const folder = folderOf('x'.repeat(150))
    const end = announce(folder)
    expect(await isDead(folder)).toBe(false)
    // On Linux there is a shorter name for the folder; elsewhere the process beats.
    if (process.platform === 'linux') expect(fs.readdirSync(folder)).toEqual(['l'])
    end(true)
    expect(await isDead(folder)).toBe(true)
  })

  it.each([
    ['killed', 'setInterval(() => {}, 1000)'],
    ['ended by process.exit', 'process.exit()'],
    ['at its natural end', 'setImmediate(() => process.exit())'],
  ])('F23: is dead at once when it is %s', async (_how, end) => {
    const folder = folderOf()
    const source = `const folder = ${JSON.stringify(folder)}; ${LISTEN}; console.log('listens'); ${end}`
    const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    expect(await isDead(folder)).toBe(true)
  })

  it('F31: is dead at once when it was a thread that is terminated', async () => {
    const folder = folderOf()
    const announced = `const folder = ${JSON.stringify(folder)}; ${LISTEN}; require('node:worker_threads').parentPort.postMessage('listens')`
    const worker = new Worker(`${announced}; setInterval(() => {}, 1000)`, { eval: true })
    await new Promise((resolve) => worker.once('message', resolve))
    expect(await isDead(folder)).toBe(false)
    await worker.terminate()
    expect(await isDead(folder)).toBe(true)
  })
})

describe('an observer', () => {
  it('takes a folder without any sign for one that is being made, for a minute of its own time', async () => {
    const folder = folderOf()
    const clock = new ManualClock()
    const observer = new Observer(systemDisk, clock)
    expect(await observer.isDead(folder)).toBe(false)
    await clock.advance(59_000)
    expect(await observer.isDead(folder)).toBe(false)
    await clock.advance(1000)
    expect(await observer.isDead(folder)).toBe(true)
  })

  it('F26: takes a process that beats for dead after 15 minutes without a new beat, and no sooner', async () => {
    const folder = folderOf()
    const noSockets: Disk = {
      ...systemDisk,
      rename(from) {
        fs.rmSync(from)
        throw new Error('no sockets here')
      },
    }
    const own = new ManualClock()
    ends.push(announceLife(folder, noSockets, own))
    expect(fs.readFileSync(join(folder, 'h'), 'utf8')).toBe('1')
    const clock = new ManualClock()
    const observer = new Observer(systemDisk, clock)
    for (let minute = 0; minute < 60; minute++) {
      expect(await observer.isDead(folder)).toBe(false)
      await clock.advance(60_000)
      await own.advance(60_000)
    }
    expect(await observer.isDead(folder)).toBe(false)
    await clock.advance(14 * 60_000)
    expect(await observer.isDead(folder)).toBe(false)
    await clock.advance(60_000)
    expect(await observer.isDead(folder)).toBe(true)
  })
})
