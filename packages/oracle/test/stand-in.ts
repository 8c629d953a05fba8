// What the SDK cannot be made to send (NaN in JSON, a key `__proto__`) is given to it as a short text that stands for it,
// and put back into what was received. Short, so that a length limit of 6 leaves it whole.

import type { AnyValue, KeyValue, LogRecordMessage } from '@otlp-logs/test-support'

/** Of the private use area; no generated text begins with it. */
export const STAND_IN_MARK = '\uE000'

export class StandIns {
  readonly #values = new Map<string, AnyValue>()
  readonly #keys = new Map<string, string>()

  forValue(value: AnyValue): string {
    const text = this.#next()
    this.#values.set(text, value)
    return text
  }

  forKey(key: string): string {
    const text = this.#next()
    this.#keys.set(text, key)
    return text
  }

  /** Puts back what stands in a received record for something else, in place. */
  putBack(record: LogRecordMessage): void {
    if (record.body !== null) record.body = this.#value(record.body)
    this.#entries(record.attributes)
  }

  #next(): string {
    return STAND_IN_MARK + (this.#values.size + this.#keys.size).toString(36)
  }

  #value(value: AnyValue): AnyValue {
    const meant = value.stringValue === undefined ? undefined : this.#values.get(value.stringValue)
    if (meant !== undefined) return meant
    if (value.arrayValue !== undefined) value.arrayValue.values = value.arrayValue.values.map((one) => this.#value(one))
    if (value.kvlistValue !== undefined) this.#entries(value.kvlistValue.values)
    return value
  }

  #entries(entries: KeyValue[]): void {
    for (const entry of entries) {
      entry.key = this.#keys.get(entry.key) ?? entry.key
      if (entry.value !== null) entry.value = this.#value(entry.value)
    }
  }
}
