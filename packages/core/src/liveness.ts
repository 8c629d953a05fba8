// Whether the process behind a journal's folder lives: it listens on a socket in that folder, and who can connect knows.
// The system closes the socket when the process dies, and keeps it open while it is stopped or busy. A process id would
// mislead in containers, and a time stamp where a process sleeps.
// - Where no socket can be had (a file system without them, a path that is too long), a file tells a new number each
//   minute, and an observer that has seen no new one for 15 minutes of its own time takes the process for dead.
// - A folder without either is just being made: it counts as alive for a minute.
// - A process that ends and leaves records behind says so in that same file: the next one need not wait.

import { connect, createServer } from 'node:net'
import { basename, join } from 'node:path'
import { type Clock } from './clock.ts'
import { codeOf, type Disk } from './disk.ts'

const SOCKET_NAME = 'l'
/** Under which it is made: the system takes that name away with the thread, and `l` stays, which refuses who knocks. */
const NEW_SOCKET_NAME = 's'
const HEARTBEAT_NAME = 'h'
const HEARTBEAT_MILLIS = 60_000
const SILENT_MILLIS = 15 * 60_000
const UNFINISHED_MILLIS = 60_000
/** What fits into sockaddr_un on every system. */
const MAX_PATH_BYTES = 103

const CLOSED = 'closed'

/** Tells others that this process lives, until the function returned is called. */
export function announceLife(folder: string, disk: Disk, clock: Clock): (leavesRecords: boolean) => void {
  const { path, close: closeFolder } = socketPath(folder, disk, NEW_SOCKET_NAME)
  const server = createServer((socket) => socket.destroy())
  // A file system without sockets: the next lines meet it, too.
  server.on('error', () => {})
  // exclusive: in a cluster worker, the primary would own the socket otherwise, and outlive the worker.
  server.listen({ path, exclusive: true })
  server.unref()
  const stopBeating = hasSocket(folder, disk) ? (): void => {} : beat(folder, disk, clock)
  return (leavesRecords) => {
    server.close()
    closeFolder()
    stopBeating()
    // In this order: a folder with neither counts as being made.
    if (!leavesRecords || leaveSign(folder, CLOSED, disk)) disk.remove(join(folder, SOCKET_NAME))
    if (!leavesRecords) disk.remove(join(folder, HEARTBEAT_NAME))
  }
}

function hasSocket(folder: string, disk: Disk): boolean {
  // There it is a pipe, which has no place in the folder.
  if (process.platform === 'win32') return true
  try {
    disk.rename(join(folder, NEW_SOCKET_NAME), join(folder, SOCKET_NAME))
    return true
  } catch {
    return false
  }
}

/** `false`: it could not be left. What was there before is overwritten, which a full disk lets happen. */
function leaveSign(folder: string, text: string, disk: Disk): boolean {
  try {
    const fd = disk.open(join(folder, HEARTBEAT_NAME))
    try {
      disk.writeAt(fd, Buffer.from(text), 0)
      disk.truncate(fd, Buffer.byteLength(text))
    } finally {
      disk.close(fd)
    }
    return true
  } catch {
    // The folder is gone, or the disk is full; what the journal writes meets the same, and says so.
    return false
  }
}

function beat(folder: string, disk: Disk, clock: Clock): () => void {
  let cancel = (): void => {}
  let count = 0
  const next = (): void => {
    cancel = clock.after(HEARTBEAT_MILLIS, next)
    leaveSign(folder, String(++count), disk)
  }
  next()
  return () => cancel()
}

/** What one look tells of the process behind the folder: 'unknown' where there is no socket to ask, and only time can tell. */
export async function lifeOf(folder: string, disk: Disk): Promise<Life> {
  const answer = await knock(folder, disk)
  return answer === 'unknown' && heartbeatOf(folder, disk) === CLOSED ? 'dead' : answer
}

/** What an observer remembers of folders that do not answer. */
export class Observer {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #seen = new Map<string, { sign: string; since: number }>()

  constructor(disk: Disk, clock: Clock) {
    this.#disk = disk
    this.#clock = clock
  }

  /** Whether the process behind the folder is certainly gone. */
  async isDead(folder: string): Promise<boolean> {
    const life = await lifeOf(folder, this.#disk)
    if (life !== 'unknown') return life === 'dead'
    const sign = heartbeatOf(folder, this.#disk)
    const limit = sign === undefined ? UNFINISHED_MILLIS : SILENT_MILLIS
    const seen = this.#seen.get(folder)
    const now = this.#clock.now()
    if (seen?.sign === String(sign)) return now - seen.since >= limit
    this.#seen.set(folder, { sign: String(sign), since: now })
    return false
  }
}

function heartbeatOf(folder: string, disk: Disk): string | undefined {
  try {
    return disk.read(join(folder, HEARTBEAT_NAME), 0).toString()
  } catch {
    return undefined
  }
}

export type Life = 'alive' | 'dead' | 'unknown'

async function knock(folder: string, disk: Disk): Promise<Life> {
  let close = (): void => {}
  try {
    const address = socketPath(folder, disk, SOCKET_NAME)
    close = address.close
    return await new Promise<Life>((resolve) => {
      const socket = connect({ path: address.path })
      socket.unref()
      socket.once('connect', () => {
        socket.destroy()
        resolve('alive')
      })
      socket.once('error', (error) => resolve(meaningOf(codeOf(error))))
    })
  } catch {
    return 'unknown'
  } finally {
    close()
  }
}

function meaningOf(code: string | undefined): Life {
  if (code === 'ECONNREFUSED') return 'dead'
  // On Windows a pipe is gone with its process.
  if (code === 'ENOENT' && process.platform === 'win32') return 'dead'
  // Too many knock at once: somebody is there.
  return code === 'EAGAIN' || code === 'EBUSY' ? 'alive' : 'unknown'
}

function socketPath(folder: string, disk: Disk, name: string): { path: string; close: () => void } {
  const nothing = (): void => {}
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\otlp-logs-${basename(folder)}`, close: nothing }
  const path = join(folder, name)
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES || process.platform !== 'linux') return { path, close: nothing }
  // A short name for the same folder.
  const fd = disk.openFolder(folder)
  return { path: `/proc/self/fd/${fd}/${name}`, close: () => disk.close(fd) }
}
