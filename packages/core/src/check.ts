// Checks for single option values: small functions that say what they expect, for code (`take`) and environment (`read`).
// Invariants: a wrong value in code throws a TypeError that names option, expectation and value; a wrong text in the
// environment only complains. Secrets (header values, hash keys, userinfo of URLs) are never shown.
// option-table.ts puts them together; endpoint.ts makes one more.

/** Says whether a value is right. */
export interface Check<T> {
  /** Settles a value that was given in code. Throws a TypeError when it is wrong. */
  take(value: unknown, name: string): T
  /** Settles a text from the environment. When it is wrong, says why and returns undefined. */
  read(text: string, complain: Complain): T | undefined
}

/** Takes the reason why a text was ignored, and what is used instead if that is not the setting's next source. */
export type Complain = (why: string, instead?: string) => void

const SHOWN_CHARACTERS = 80
// What stands before the `@` of a URL, also of one whose scheme was forgotten.
const USERINFO = /(\/\/|^[^\s/:=,]*:(?!\/\/)|^(?=[^\s/:=,]+@))\S*@/

/** Any integer from `from` to `to`, both included. */
export function integer(from: number, to: number = Number.MAX_SAFE_INTEGER): Check<number> {
  const expected = `an integer from ${from} ${to === Number.MAX_SAFE_INTEGER ? 'up' : `to ${to}`}`
  const within = (n: number) => (Number.isSafeInteger(n) && n >= from && n <= to ? n : undefined)
  return simple(
    expected,
    (value) => (typeof value === 'number' ? within(value) : undefined),
    (text) => (/^\d+$/.test(text) ? within(Number(text)) : undefined),
  )
}

/** An integer, or Infinity for no limit; the environment says that by leaving the variable out. */
export function integerOrInfinity(from: number): Check<number> {
  const whole = integer(from)
  return {
    take: (value, name) => {
      if (value === Infinity) return Infinity
      if (Number.isSafeInteger(value) && (value as number) >= from) return value as number
      throw wrong(name, `an integer from ${from} up or Infinity`, shown(value))
    },
    read: whole.read,
  }
}

/** One of a few words. Case counts in code, but not in the environment. */
export function oneOf<const T extends string>(...words: T[]): Check<T> {
  return simple(
    `one of ${words.map((word) => `\`${word}\``).join(', ')}`,
    (value) => words.find((word) => word === value),
    (text) => words.find((word) => word === text.toLowerCase()),
  )
}

export function boolean(): Check<boolean> {
  return simple('true or false', (value) => (typeof value === 'boolean' ? value : undefined))
}

/** A text that is not empty. */
export function string(): Check<string> {
  return simple('a string that is not empty', (value) =>
    typeof value === 'string' && value !== '' ? value : undefined,
  )
}

/** A text that may be empty. */
export function anyString(): Check<string> {
  return simple('a string', (value) => (typeof value === 'string' ? value : undefined))
}

/** A text that no message shows. */
export function secret(minLength: number): Check<string> {
  return {
    take: (value, name) => {
      if (typeof value === 'string' && value.length >= minLength) return value
      throw wrong(name, `a string of at least ${minLength} characters`, hidden(value))
    },
    read: () => undefined,
  }
}

/** A function; which arguments it takes cannot be checked. */
export function callable<F extends (...args: never[]) => unknown>(): Check<F> {
  return simple('a function', (value) => (typeof value === 'function' ? (value as F) : undefined))
}

/** An array, each item checked. */
export function list<T>(item: Check<T>): Check<T[]> {
  return simple('an array', (value, name) =>
    Array.isArray(value) ? value.map((one, index) => item.take(one, `${name}[${index}]`)) : undefined,
  )
}

/** An object, each value checked. */
export function record<T>(item: Check<T>): Check<Readonly<Record<string, T>>> {
  return simple('an object', (value, name) => {
    if (!isRecord(value)) return undefined
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, item.take(one, `${name}.${key}`)]))
  })
}

/** A check made of what it expects and two functions that return undefined for what is wrong. */
export function simple<T>(
  expected: string,
  accept: (value: unknown, name: string) => T | undefined,
  acceptText: (text: string) => T | undefined = () => undefined,
): Check<T> {
  return {
    take: (value, name) => {
      const settled = accept(value, name)
      if (settled === undefined) throw wrong(name, expected, shown(value))
      return settled
    },
    read: (text, complain) => {
      const settled = acceptText(text)
      if (settled === undefined) complain(`expected ${expected}`)
      return settled
    },
  }
}

/** The error for a wrong option; `got` comes from `shown` or `hidden`. */
export function wrong(name: string, expected: string, got: string): TypeError {
  return new TypeError(`Expected \`${name}\` to be ${expected}, got ${got}`)
}

/** A value and its type for a message: short, in one line, without the userinfo of URLs. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'object' || typeof value === 'function')
    return hidden(value)
  return `\`${typeof value === 'string' ? shownText(value) : String(value)}\` (${typeof value})`
}

/** A text for a message. */
export function shownText(text: string): string {
  const points = [
    ...text
      .slice(0, 1000)
      .replace(USERINFO, '$1***@')
      .replace(/\p{Cc}/gu, ' '),
  ]
  return points.length > SHOWN_CHARACTERS ? `${points.slice(0, SHOWN_CHARACTERS).join('')}...` : points.join('')
}

/** Only a value's type, for what may be a secret. */
export function hidden(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}

/** True for objects with members of their own, but not for arrays, maps, dates, promises. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]'
}
