import { MemoryDisk } from '../test/journal-disk.ts'
import { FolderSize } from './folder-size.ts'

let disk: MemoryDisk
/** Of which sizes were asked for. */
let asked: string[]
let folder: FolderSize

beforeEach(() => {
  disk = new MemoryDisk()
  asked = []
  disk.onOperation = (operation, path) => {
    if (operation === 'stat') asked.push(path.slice('/f/'.length))
  }
  folder = new FolderSize('/f', disk, 2)
})

function put(name: string, bytes = 100): void {
  disk.put(`/f/${name}`, Buffer.alloc(bytes))
}

function look(but?: string): number {
  asked = []
  folder.look(but)
  return folder.bytes
}

describe('the size of a folder', () => {
  it('is nothing where there is none', () => {
    expect([look(), folder.isWhole]).toEqual([0, true])
  })

  it('is that of all files, as deep as is said, but for a folder that is left out', () => {
    for (const name of ['1', 'a/2', 'a/b/3', 'a/b/c/4', 'd/5']) put(name)
    expect(look()).toBe(400)
    expect(look('/f/a/b')).toBe(300)
    expect(look('/f/a')).toBe(200)
    expect(folder.isWhole).toBe(true)
  })

  it('asks once for that of a segment that has a successor, and each time for that of any other file', () => {
    for (const name of ['00000001.seg', '00000002.seg', '00000003.seg', '00000003.seg.new', 'cur']) put(`i/${name}`)
    expect(look()).toBe(500)
    expect(look()).toBe(500)
    expect(asked).toEqual(['i', 'i/00000003.seg', 'i/00000003.seg.new', 'i/cur'])
  })

  it('sees what has grown, come and gone since the last look', () => {
    for (const name of ['i/00000001.seg', 'i/00000002.seg', 'i/cur']) put(name)
    look()
    put('i/00000002.seg', 300)
    put('i/00000003.seg')
    put('j/00000001.seg')
    expect(look()).toBe(700)
    put('i/00000003.seg', 150)
    disk.remove('/f/i/00000001.seg')
    disk.wipe('/f/j')
    expect(look()).toBe(550)
    // Of another process, under the same names.
    disk.wipe('/f/i')
    look()
    for (const name of ['i/00000001.seg', 'i/00000002.seg']) put(name, 7)
    expect(look()).toBe(14)
  })

  it('leaves out what cannot be told, says so, and asks for it again', () => {
    for (const name of ['i/00000001.seg', 'i/00000002.seg', '1']) put(name)
    disk.fail('stat', 'EMFILE', { path: /1\.seg/, times: 1 })
    expect([look(), folder.isWhole]).toEqual([200, false])
    expect([look(), folder.isWhole]).toEqual([300, true])
    disk.fail('list', 'EMFILE', { path: /i$/, times: 1 })
    expect([look(), folder.isWhole]).toEqual([100, false])
    expect([look(), folder.isWhole]).toEqual([300, true])
  })

  it('is whole where something went away while it was looked at', () => {
    for (const name of ['1', '2']) put(name)
    disk.fail('stat', 'ENOENT', { path: /1$/, times: 1 })
    expect([look(), folder.isWhole]).toEqual([100, true])
  })
})
