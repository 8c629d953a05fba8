import { join } from 'node:path'
import { ManualClock } from '@otlp-logs/test-support'
import { failure, MemoryDisk } from '../test/journal-disk.ts'
import { type Identity, Instances } from './instances.ts'

const DIRECTORY = '/var/journal'
const KEY = '0123456789abcdef'
const NAME = 'aaaaaaaaaaaaaaaa'
const OWN = join(DIRECTORY, 'v1', KEY, NAME)

let disk: MemoryDisk
let told: string[]
let instances: Instances

beforeEach(() => {
  disk = new MemoryDisk()
  told = []
  const identity: Identity = {
    newName: () => NAME,
    announceLife: () => {
      told.push('lives')
      return () => void told.push('ends')
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
