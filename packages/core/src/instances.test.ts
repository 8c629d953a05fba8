import { basename, join } from 'node:path'
import { ManualClock } from '@otlp-logs/test-support'
import { failure, MemoryDisk } from '../test/journal-disk.ts'
import { type Identity, Instances } from './instances.ts'

const DIRECTORY = '/var/journal'
const KEY = '0123456789abcdef'
const NAME = 'aaaaaaaaaaaaaaaa'
const OWN = join(DIRECTORY, 'v1', KEY, NAME)

const NEXT = join(DIRECTORY, 'v1', KEY, 'bbbbbbbbbbbbbbbb')

let disk: MemoryDisk
let told: string[]
let names: string[]
let announce: () => void
let instances: Instances

beforeEach(() => {
  disk = new MemoryDisk()
  told = []
  names = [NAME, 'bbbbbbbbbbbbbbbb']
  announce = () => {}
  const identity: Identity = {
    newName: () => names.shift()!,
    announceLife: (folder) => {
      announce()
      told.push('lives')
      return (leavesRecords) => void told.push(leavesRecords ? `ends, and leaves ${basename(folder)}` : 'ends')
    },
    isDead: () => Promise.resolve(true),
  }
  instances = new Instances(DIRECTORY, KEY, disk, new ManualClock(), identity)
})

describe('the own folder of a process', () => {
  it('is made and announced once, however often it is opened', () => {
    instances.open()
    instances.open()
    expect([told, disk.stat(OWN).isFolder, instances.isGone(OWN)]).toEqual([['lives'], true, false])
  })

  it('F16: is made and announced anew where somebody has removed it, and the old life is ended', () => {
    instances.open()
    disk.wipe(DIRECTORY)
    expect(instances.isGone(OWN)).toBe(true)
    instances.open()
    expect([told, instances.isGone(OWN)]).toEqual([['lives', 'ends', 'lives'], false])
  })

  it('is neither there nor gone while that cannot be known', () => {
    instances.open()
    disk.fail('stat', 'EMFILE', { times: 1 })
    expect(() => instances.isGone(OWN)).toThrow('EMFILE')
    expect(instances.isGone(OWN)).toBe(false)
  })

  it('is not missed before it is made', () => {
    disk.onOperation = () => {
      throw failure('EIO', DIRECTORY)
    }
    expect(instances.isGone(OWN)).toBe(false)
    expect(() => instances.open()).toThrow('EIO')
    expect(instances.isGone(OWN)).toBe(false)
  })

  it('F19: has its name, and those of the folders above it, brought to the device once, and those in it each time', () => {
    const synced = (): string[] =>
      disk.calls.splice(0).flatMap(({ operation, path }) => (operation === 'syncFolder' ? [path] : []))
    instances.open()
    instances.syncNames(OWN)
    expect(synced()).toEqual([OWN, join(DIRECTORY, 'v1', KEY), join(DIRECTORY, 'v1'), DIRECTORY, '/var'])
    instances.syncNames(OWN)
    expect(synced()).toEqual([OWN])
  })

  it('is never adopted by itself', async () => {
    instances.open()
    expect(await instances.adopt()).toEqual([])
    expect(disk.stat(OWN).isFolder).toBe(true)
  })
})

describe('a further folder of a process', () => {
  const isThere = (folder: string): boolean => {
    try {
      return disk.stat(folder).isFolder
    } catch {
      return false
    }
  }

  beforeEach(() => {
    instances.open()
  })

  it('is written to from then on, and both are announced', () => {
    expect(instances.setAside()).toBe(true)
    expect([instances.own, isThere(OWN), isThere(NEXT), told]).toEqual([NEXT, true, true, ['lives', 'lives']])
  })

  it('leaves nothing behind where it cannot be announced', () => {
    announce = () => {
      throw failure('EMFILE', NEXT)
    }
    expect(instances.setAside()).toBe(false)
    expect([instances.own, isThere(OWN), isThere(NEXT)]).toEqual([OWN, true, false])
  })

  it('F26: makes the first no orphan, though nobody should answer for it', async () => {
    instances.setAside()
    expect(await instances.adopt()).toEqual([])
    expect([isThere(OWN), isThere(NEXT)]).toEqual([true, true])
  })

  it('F26: has the first made anew where somebody has removed it, before anything is claimed in its name', async () => {
    instances.setAside()
    disk.wipe(OWN)
    await instances.adopt()
    expect([isThere(OWN), told]).toEqual([true, ['lives', 'lives', 'ends', 'lives']])
  })

  it('F16: is made anew with the first where somebody has removed all', () => {
    instances.setAside()
    disk.wipe(DIRECTORY)
    instances.open()
    expect([isThere(OWN), isThere(NEXT)]).toEqual([true, true])
  })

  it('is removed when it is emptied, and the first only at the end', () => {
    instances.setAside()
    instances.forget(OWN)
    instances.forget(NEXT)
    expect([isThere(OWN), isThere(NEXT)]).toEqual([true, false])
    instances.close(new Set())
    expect(isThere(OWN)).toBe(false)
  })

  it('says at the end, as the first does, whether something is left in it', () => {
    instances.setAside()
    instances.close(new Set([OWN]))
    expect(told).toEqual(['lives', 'lives', `ends, and leaves ${NAME}`, 'ends'])
    expect([isThere(OWN), isThere(NEXT)]).toEqual([true, false])
  })
})
