// What the system does with folders and names that nobody wanted. What the journal does with its disk is tested with one
// in memory; what a real one does to it, by packages/faults.

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
