// The environment: the only room of the core that reads process.env, and the formats of its lists.
// Invariants: an empty variable counts as unset; of several variables the first one wins that is set and right;
// a wrong one never throws, it is one warning that names variable, value (never of headers), reason and what is used.
// Sources: configuration/sdk-environment-variables.md, protocol/exporter.md (headers), resource/sdk.md (attributes).

import { type Complain, shownText } from './check.ts'

/** The shape of `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>

/** One environment variable, and how its text is read. */
export interface Variable<T> {
  readonly name: string
  /** Never show its value. It is a list of credentials, of which a part may be wrong, or the complaint tells what may be told. */
  readonly secret?: 'list' | 'told' | undefined
  /** Returns undefined when the text is wrong (then it complains) or says nothing about the setting. */
  read(text: string, complain: Complain): T | undefined
}

export class Environment {
  readonly #variables: Variables
  readonly #warn: (warning: string) => void

  constructor(warn: (warning: string) => void, variables: Variables = process.env) {
    this.#variables = variables
    this.#warn = warn
  }

  /** As they are, for what Node itself reads in them. */
  get variables(): Variables {
    return this.#variables
  }

  /** Whether one of them is set. */
  has(variables: readonly Variable<unknown>[]): boolean {
    return variables.some(({ name }) => Boolean(this.#variables[name]?.trim()))
  }

  /** What the first variable says that is set and right; undefined when none is. `fallback` is only named in warnings. */
  first<T>(variables: readonly Variable<T>[], fallback: unknown): T | undefined {
    const complaints: ((used: unknown) => string)[] = []
    let value: T | undefined
    for (const variable of variables) {
      const text = this.#variables[variable.name]?.trim()
      if (!text) continue
      value = variable.read(text, (why, instead) => {
        const what = variable.secret === 'list' ? 'a part of ' : ''
        const got = { list: ' (value not shown)', told: '', shown: `=\`${shownText(text)}\`` }[
          variable.secret ?? 'shown'
        ]
        complaints.push((used) => `Ignored ${what}${variable.name}${got}: ${why}. Using ${instead ?? quoted(used)}.`)
      })
      if (value !== undefined) break
    }
    for (const complaint of complaints) this.#warn(complaint(value ?? fallback))
    return value
  }
}

/** One item of a list of pairs; `why` says what is wrong with it. */
export interface Pair {
  /** Its place in the list, from 1. */
  item: number
  key: string
  value: string
  why?: string
}

/** `key=value,key=value` with percent-encoding: W3C Baggage without metadata. Only the first `=` of an item splits. */
export function parsePairs(text: string): Pair[] {
  const pairs: Pair[] = []
  for (const [index, part] of text.split(',').entries()) {
    if (part.trim() === '') continue
    const item = index + 1
    const at = part.indexOf('=')
    const key = decode(part.slice(0, Math.max(at, 0)).trim())
    const value = decode(part.slice(at + 1).trim())
    if (at < 0) pairs.push({ item, key: '', value: '', why: 'has no `=`' })
    else if (key === undefined || value === undefined)
      pairs.push({ item, key: '', value: '', why: 'is not percent-encoded' })
    else if (key === '') pairs.push({ item, key, value, why: 'has no key' })
    else pairs.push({ item, key, value })
  }
  return pairs
}

/** OTEL_RESOURCE_ATTRIBUTES: on any error the whole value is discarded, as resource/sdk.md asks for; unlike headers. */
export function readAttributes(text: string, complain: Complain): Record<string, string> | undefined {
  const pairs = parsePairs(text)
  const bad = pairs.find((pair) => pair.why !== undefined)
  // A second `=` must be percent-encoded here, so the pair is not what its writer meant.
  const stray = text.split(',').findIndex((part) => part.split('=').length > 2)
  if (bad === undefined && stray < 0) return Object.fromEntries(pairs.map(({ key, value }) => [key, value]))
  complain(
    bad ? `item ${bad.item} ${bad.why}` : `item ${stray + 1} has a second \`=\`, to be written as %3D`,
    'nothing of it',
  )
  return undefined
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function quoted(value: unknown): string {
  if (value === undefined) return 'none'
  return `\`${typeof value === 'string' ? shownText(value) : String(value)}\``
}
