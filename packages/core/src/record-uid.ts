// `log.record.uid`: a name that no other record has, by which a backend can tell that a record came twice
// (general/logs.md suggests a ULID). It is written into the record's bytes, so that each try to send them has the same.

/** Crockford's base 32. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
const RANDOM_DIGITS = 16

const random = new Uint8Array(RANDOM_DIGITS)

/** A ULID: 48 bits of time, so that they sort by it, and 80 of chance. @param millis since the epoch */
export function createRecordUid(millis: number): string {
  let uid = ''
  for (let i = 0, left = millis; i < TIME_DIGITS; i++) {
    uid = DIGITS[left % 32]! + uid
    left = Math.floor(left / 32)
  }
  const { randomFillSync } = process.getBuiltinModule('node:crypto')
  for (const byte of randomFillSync(random)) uid += DIGITS[byte % 32]!
  return uid
}
