// What little is read of a server's answer: small protobuf messages, field by field.

/** The fields of a small message: varints as numbers, the rest as bytes. `undefined` when it is no protobuf. */
function protobufFields(bytes: Buffer): { field: number; value: number | Buffer }[] | undefined {
  const fields: { field: number; value: number | Buffer }[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; at < bytes.length; shift *= 128) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * shift
      if (byte < 0x80) return value
    }
    return Number.NaN
  }
  while (at < bytes.length) {
    const tag = varint()
    const kind = tag & 7
    if (Number.isNaN(tag) || (kind !== 0 && kind !== 2)) return undefined
    const value = varint()
    if (Number.isNaN(value)) return undefined
    if (kind === 2 && at + value > bytes.length) return undefined
    fields.push({ field: tag >>> 3, value: kind === 0 ? value : bytes.subarray(at, at + value) })
    if (kind === 2) at += value
  }
  return fields
}

/** A field that is a message, a text or bytes; `undefined` where it is not there, or not that. */
export function messageField(bytes: Buffer, field: number): Buffer | undefined {
  return messageFields(bytes, field)[0]
}

/** All of a field that may be there more than once. */
export function messageFields(bytes: Buffer, field: number): Buffer[] {
  const values = (protobufFields(bytes) ?? []).filter((one) => one.field === field).map(({ value }) => value)
  return values.filter((value) => typeof value !== 'number')
}

/** A field that is a number; 0 where it is not there, as it is not written then. */
export function numberField(bytes: Buffer, field: number): number {
  const value = protobufFields(bytes)?.find((one) => one.field === field)?.value
  return typeof value === 'number' ? value : 0
}
