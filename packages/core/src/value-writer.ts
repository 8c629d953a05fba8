// What a JavaScript value is written through: the seven kinds of OTLP's AnyValue (common/v1/common.proto) and nothing else.
// any-value.ts decides which kind a value becomes; protobuf.ts and json.ts decide what that looks like in bytes.
// Every begin has its end, in order; a writer need not survive a caller that gets this wrong.

export interface ValueWriter {
  string(value: string): void
  bool(value: boolean): void
  /** A whole number within int64: a number up to 2^53, beyond that a bigint. */
  int(value: number | bigint): void
  double(value: number): void
  bytes(value: Uint8Array): void
  /** An AnyValue with no field set: null. */
  empty(): void
  beginArray(): void
  /** Before each element. `hint` guesses the element's encoded length, for writers that reserve room. */
  beginElement(hint: number): void
  endElement(): void
  endArray(): void
  beginMap(): void
  /** A value of a map, and its key, at once, where the encoding has a short way for them; else false: nothing is written. */
  simpleEntry(key: string, value: string | number | boolean): boolean
  /** Before each value of a map. */
  beginEntry(key: string, hint: number): void
  endEntry(): void
  endMap(): void
  /** How many bytes `value` takes in this encoding, without its tag. */
  stringBytes(value: string): number
  /** Encoded bytes of the record so far. */
  readonly size: number
}
