// protobuf's varints, for lengths.

/** Bytes that the varint of a number below 2^32 takes. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  return value < 0x10000000 ? 4 : 5
}

/** Writes the varint of a number below 2^32 and gives the offset behind it. */
export function putVarint(buffer: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
  return at
}
