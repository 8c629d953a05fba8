// Moments in the life of a journal, by the call to the system that makes them: preloaded into an app, the process kills
// itself just before the n-th such call, just after it, or when half of what it writes is written.

export interface FaultPoint {
  /** When, for people. */
  name: string
  /** `append` is what a frame is written with, whichever call that is. */
  call: 'openSync' | 'append' | 'writeSync' | 'rmSync' | 'renameSync' | 'mkdirSync' | 'rmdirSync'
  /** Only for such a path; that of a file descriptor is the path that it was opened with. */
  path: RegExp
  at: 'before' | 'after' | 'half'
  /** Which such call. @default one of the first, by chance */
  nth?: number
  /** Whether an empty folder is left, which others take for one that is just being made, for a minute. */
  leavesFolder?: true
}

const SEGMENT = /\/\d{8}\.seg$/
const CURSOR = /\/cur$/
const ADOPTED = /\.adopt\/[0-9a-f]{16}$/
const INSTANCE = /\/v1\/[0-9a-f]{16}\/[0-9a-f]{16}$/

export type When =
  | 'between an answer and its note'
  | 'while it writes'
  | 'while it adopts'
  | 'while it sets aside what piled up'
  | 'at its end'

export const FAULT_POINTS: Readonly<Record<When, readonly FaultPoint[]>> = {
  'between an answer and its note': [
    { name: 'before a segment is removed', call: 'rmSync', path: SEGMENT, at: 'before' },
    { name: 'when a segment is removed', call: 'rmSync', path: SEGMENT, at: 'after' },
    { name: 'before the answer is noted', call: 'writeSync', path: CURSOR, at: 'before' },
    { name: 'when half of the note is written', call: 'writeSync', path: CURSOR, at: 'half' },
    { name: 'when the answer is noted', call: 'writeSync', path: CURSOR, at: 'after' },
  ],
  'while it writes': [
    { name: 'before a segment is begun', call: 'openSync', path: SEGMENT, at: 'before' },
    { name: 'when a segment is there, without a header', call: 'openSync', path: SEGMENT, at: 'after' },
    { name: 'when half of a write is written', call: 'append', path: SEGMENT, at: 'half' },
    { name: 'after a write', call: 'append', path: SEGMENT, at: 'after' },
  ],
  'while it adopts': [
    { name: 'before the place for adopted folders is made', call: 'mkdirSync', path: /\.adopt$/, at: 'before' },
    { name: 'when the place for adopted folders is made', call: 'mkdirSync', path: /\.adopt$/, at: 'after' },
    { name: 'before a folder is adopted', call: 'renameSync', path: ADOPTED, at: 'before' },
    { name: 'when a folder is adopted', call: 'renameSync', path: ADOPTED, at: 'after' },
    { name: 'before an emptied folder is removed', call: 'rmdirSync', path: ADOPTED, at: 'before' },
    { name: 'when an emptied folder is removed', call: 'rmdirSync', path: ADOPTED, at: 'after' },
  ],
  'while it sets aside what piled up': [
    { name: 'before a further folder is made', call: 'mkdirSync', path: INSTANCE, at: 'before', nth: 2 },
    {
      name: 'when a further folder is made',
      call: 'mkdirSync',
      path: INSTANCE,
      at: 'after',
      nth: 2,
      leavesFolder: true,
    },
    { name: 'before what is being written moves there', call: 'renameSync', path: SEGMENT, at: 'before', nth: 1 },
    { name: 'when what is being written has moved there', call: 'renameSync', path: SEGMENT, at: 'after', nth: 1 },
  ],
  'at its end': [
    { name: 'before the sign of life is taken away', call: 'rmSync', path: /\/l$/, at: 'before' },
    { name: 'when the sign of life is taken away', call: 'rmSync', path: /\/l$/, at: 'after' },
  ],
}

/** For `node --import`. @param nth from 1 up */
export function preload({ call, path, at }: FaultPoint, nth: number): string {
  const subject =
    call === 'renameSync' ? 'rest[0]' : call.startsWith('write') || call === 'append' ? 'paths.get(target)' : 'target'
  const half = `
      const all = Array.isArray(rest[0]) ? Buffer.concat(rest[0]) : rest[0].subarray(rest[1], rest[1] + rest[2])
      write(target, all, 0, all.length >> 1, rest[3])`
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
    const write = fs.writeSync
    let left = ${nth}
    for (const name of ${JSON.stringify(call === 'append' ? ['writeSync', 'writevSync'] : [call])}) {
      const real = fs[name]
      fs[name] = (target, ...rest) => {
        // A file that is only read is none of these.
        const concerns = ${call === 'openSync' ? '(rest[0] & fs.constants.O_CREAT) !== 0' : 'true'}
        if (!concerns || !${path}.test(String(${subject})) || --left > 0) return real(target, ...rest)
        ${{ before: '', after: 'real(target, ...rest)', half }[at]}
        process.kill(process.pid, 'SIGKILL')
        // A signal to oneself may take a moment.
        for (;;);
      }
    }
    syncBuiltinESMExports()`)}`
}
