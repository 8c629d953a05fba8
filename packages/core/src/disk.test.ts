// What the system does with folders and names that nobody wanted. What the journal does with its disk is tested with one
// in memory; what a real one does to it, by packages/faults.

import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder } from '@otlp-logs/test-support'
import { codeOf, systemDisk } from './disk.ts'

const temp = makeTempFolder()
afterAll(() => temp.remove())

function codeThrown(act: () => void): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    return codeOf(error)
  }
}

describe('a folder of the system disk', () => {
  it('is made with all above it, for its user only, and is fine when it is there', () => {
    const path = join(temp.path, 'a/b/c')
    systemDisk.makeFolder(path)
    systemDisk.makeFolder(path)
    const modes = ['a', 'a/b', 'a/b/c'].map((name) => fs.statSync(join(temp.path, name)).mode & 0o777)
    expect(modes).toEqual([0o700, 0o700, 0o700])
  })

  it('F16: says what stands in its way, and never hangs', () => {
    const file = join(temp.path, 'file')
    fs.writeFileSync(file, '')
    expect(codeThrown(() => systemDisk.makeFolder(join(file, 'below')))).toBe('ENOTDIR')
    // In a folder that is there, and takes none.
    if (process.platform === 'linux') expect(codeThrown(() => systemDisk.makeFolder('/proc/self/a/b'))).toBe('ENOENT')
  })
})

describe('a file of the system disk', () => {
  const read = (name: string): string => fs.readFileSync(join(temp.path, name), 'latin1')

  it('gets all pieces in their order, however many and however large they are', () => {
    const fd = systemDisk.create(join(temp.path, 'pieces'))
    let expected = ''
    for (const [count, bytes] of [
      [1, 0],
      [2, 100],
      [1, 4096],
      [2, 2049],
      [1500, 3],
      [2500, 9],
      [3, 700_000],
    ] as const) {
      const pieces = Array.from({ length: count }, (_, i) => Buffer.alloc(bytes, i % 251))
      systemDisk.append(fd, pieces)
      expected += Buffer.concat(pieces).toString('latin1')
    }
    systemDisk.close(fd)
    expect(read('pieces') === expected).toBe(true)
  })

  it('F14: is appended to as a whole, or says that there is no space', () => {
    if (process.platform !== 'linux') return
    const fd = fs.openSync('/dev/full', 'a')
    for (const bytes of [1, 100, 100_000]) {
      expect(codeThrown(() => systemDisk.append(fd, [Buffer.alloc(bytes), Buffer.alloc(bytes)]))).toBe('ENOSPC')
    }
    systemDisk.close(fd)
  })

  it('F22: is new, for its user only, and at the end of no link', () => {
    const old = process.umask(0)
    try {
      systemDisk.close(systemDisk.create(join(temp.path, 'new')))
      systemDisk.close(systemDisk.open(join(temp.path, 'cursor')))
    } finally {
      process.umask(old)
    }
    expect([
      fs.statSync(join(temp.path, 'new')).mode & 0o777,
      fs.statSync(join(temp.path, 'cursor')).mode & 0o777,
    ]).toEqual([0o600, 0o600])
    expect(codeThrown(() => systemDisk.create(join(temp.path, 'new')))).toBe('EEXIST')
    fs.writeFileSync(join(temp.path, 'target'), 'of others')
    fs.symlinkSync('target', join(temp.path, 'link'))
    fs.symlinkSync('nothing', join(temp.path, 'dangling'))
    expect(codeThrown(() => systemDisk.create(join(temp.path, 'dangling')))).toBe('EEXIST')
    expect(codeThrown(() => systemDisk.open(join(temp.path, 'link')))).toBe('ELOOP')
    expect(codeThrown(() => systemDisk.read(join(temp.path, 'link'), 0))).toBe('ELOOP')
    expect(read('target')).toBe('of others')
    expect(fs.existsSync(join(temp.path, 'nothing'))).toBe(false)
  })

  it('is read to the place that is given, if that is exactly as long', () => {
    const path = join(temp.path, 'placed')
    fs.writeFileSync(path, 'content')
    const into = Buffer.alloc(7)
    expect(systemDisk.read(path, 0, into)).toBe(into)
    expect(into.toString()).toBe('content')
    for (const bytes of [6, 8]) {
      const other = Buffer.alloc(bytes)
      expect(systemDisk.read(path, 0, other).toString()).toBe('content')
      expect(other.equals(Buffer.alloc(bytes))).toBe(true)
    }
  })

  it('F22: is not read where it is a pipe, a folder, or another user’s, and nobody waits for it', () => {
    if (process.platform === 'win32') return
    execFileSync('mkfifo', [join(temp.path, 'pipe')])
    expect(() => systemDisk.read(join(temp.path, 'pipe'), 0)).toThrow('not a file of our own')
    expect(() => systemDisk.read(temp.path, 0)).toThrow('not a file of our own')
    const geteuid = jest.spyOn(process, 'geteuid' as never).mockReturnValue(4711 as never)
    expect(() => systemDisk.read(join(temp.path, 'new'), 0)).toThrow('not a file of our own')
    expect(systemDisk.distrust(temp.path)).toMatch(/^it belongs to another user \(\d+, this process is 4711\)$/)
    geteuid.mockRestore()
  })

  it('F22: is trusted below a folder that nobody else can write to, and that is no link', () => {
    const folder = join(temp.path, 'trusted')
    systemDisk.makeFolder(folder)
    expect(systemDisk.distrust(folder)).toBeUndefined()
    for (const mode of [0o720, 0o702, 0o777]) {
      fs.chmodSync(folder, mode)
      expect(systemDisk.distrust(folder)).toBe(`others may write to it (mode ${mode.toString(8)})`)
    }
    fs.symlinkSync('trusted', join(temp.path, 'folder-link'))
    expect(systemDisk.distrust(join(temp.path, 'folder-link'))).toBe('it is a symbolic link')
    expect(systemDisk.distrust(join(temp.path, 'new'))).toBe('it is not a folder')
  })
})
