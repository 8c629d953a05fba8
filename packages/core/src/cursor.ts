// How far a journal was delivered, as 64 bytes: two slots, written in turn, so that a torn write leaves the other one.
//   slot  generation f64 | delivered f64 | crc u32 | 0 (12 bytes)
// It is a hint: without it, delivered records are sent again, and nothing else changes.

import { crc32 } from 'node:zlib'
import { codeOf, type Disk, isPassing } from './disk.ts'

const SLOT_BYTES = 32
const CURSOR_BYTES = 64

export interface CursorState {
  generation: number
  /** All records with a smaller number have left for good. */
  delivered: number
}

/** The bytes of one slot, and where they go. */
export function encodeCursor({ generation, delivered }: CursorState): { bytes: Buffer; offset: number } {
  const bytes = Buffer.alloc(SLOT_BYTES)
  bytes.writeDoubleLE(generation, 0)
  bytes.writeDoubleLE(delivered, 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16)
  return { bytes, offset: (generation % 2) * SLOT_BYTES }
}

/** The newest good slot; undefined when there is none. */
export function decodeCursor(bytes: Buffer): CursorState | undefined {
  let newest: CursorState | undefined
  for (const at of [0, SLOT_BYTES]) {
    if (bytes.length < at + 20 || bytes.readUInt32LE(at + 16) !== crc32(bytes.subarray(at, at + 16))) continue
    const slot = { generation: bytes.readDoubleLE(at), delivered: bytes.readDoubleLE(at + 8) }
    if (newest === undefined || slot.generation > newest.generation) newest = slot
  }
  return newest
}

/** The cursor's file. A disk that fails costs the hint, and nothing else. */
export class Cursor {
  readonly #path: string
  readonly #disk: Disk
  #fd: number | undefined
  #state: CursorState = { generation: 0, delivered: 0 }

  constructor(path: string, disk: Disk) {
    this.#path = path
    this.#disk = disk
  }

  /** What a process wrote before; 0 when there is none. Throws where it cannot be read for now. */
  read(): number {
    try {
      this.#state = decodeCursor(this.#disk.read(this.#path, 0).subarray(0, CURSOR_BYTES)) ?? this.#state
    } catch (error) {
      // A bad place on the disk stays bad: without the hint, what is found is sent again.
      if (isPassing(error) && codeOf(error) !== 'EIO') throw error
    }
    return this.#state.delivered
  }

  /** Goes forward only. */
  write(delivered: number): void {
    if (delivered <= this.#state.delivered) return
    const state = { generation: this.#state.generation + 1, delivered }
    try {
      this.#fd ??= this.#disk.open(this.#path)
      const { bytes, offset } = encodeCursor(state)
      this.#disk.writeAt(this.#fd, bytes, offset)
      this.#state = state
    } catch {
      // The next write may do better, in the same slot: the other one is good.
      this.close()
    }
  }

  close(): void {
    try {
      if (this.#fd !== undefined) this.#disk.close(this.#fd)
    } catch {
      // It is closed, then.
    }
    this.#fd = undefined
  }
}
