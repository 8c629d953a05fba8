// A disk that fails now and then, or counts: preloaded into an app, calls to the system for segments throw what a disk
// would say, or are counted.

export interface Failure {
  /** `append` is what a frame is written with, whichever call that is. */
  call: 'openSync' | 'readSync' | 'append' | 'fdatasync'
  code: 'EIO' | 'EMFILE' | 'ENOSPC'
  /** These calls fail, counted from 1. */
  from: number
  count: number
  /** Whether files that are opened for reading are meant. @default false: those that are written */
  reading?: true
}

/** For `node --import`. How many have failed is in `globalThis.failed`. */
export function failing({ call, code, from, count, reading = undefined }: Failure): string {
  const subject = call === 'openSync' ? 'target' : 'paths.get(target)'
  return preload(`
    let calls = 0
    globalThis.failed = 0
    for (const name of ${JSON.stringify(call === 'append' ? ['writeSync', 'writevSync'] : [call])}) {
      const real = fs[name]
      fs[name] = (target, ...rest) => {
        const isMeant = /\\.seg$/.test(String(${subject})) && ${
          call === 'openSync' ? `((rest[0] & fs.constants.O_CREAT) === 0) === ${reading === true}` : 'true'
        }
        if (!isMeant || ++calls < ${from} || calls >= ${from + count}) return real(target, ...rest)
        globalThis.failed++
        const error = Object.assign(new Error('${code}: as the test wants it'), { code: '${code}' })
        ${call === 'fdatasync' ? 'setImmediate(rest.at(-1), error)' : 'throw error'}
      }
    }`)
}

/** Counts how often files are brought to the device, in `globalThis.syncs`. */
export const COUNT_SYNCS: string = preload(`
  globalThis.syncs = 0
  for (const name of ['fsync', 'fdatasync', 'fsyncSync', 'fdatasyncSync']) {
    const real = fs[name]
    fs[name] = (fd, ...rest) => {
      if (/\\.seg$/.test(String(paths.get(fd)))) globalThis.syncs++
      return real(fd, ...rest)
    }
  }`)

function preload(source: string): string {
  return `data:text/javascript,${encodeURIComponent(`
    import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const paths = new Map()
    const open = fs.openSync
    fs.openSync = (path, ...rest) => {
      const fd = open(path, ...rest)
      paths.set(fd, String(path))
      return fd
    }
    ${source}
    syncBuiltinESMExports()`)}`
}
