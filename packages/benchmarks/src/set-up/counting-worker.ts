// Loaded by pino's worker. See counting-stream.ts.

import { Writable } from 'node:stream'

export default function countingStream({ cells }: { cells: Int32Array }): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, callback) {
      let lines = 0
      for (let at = chunk.indexOf('\n'); at !== -1; at = chunk.indexOf('\n', at + 1)) lines++
      Atomics.add(cells, 0, lines)
      callback()
    },
  })
}
