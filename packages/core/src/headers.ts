// Request headers, as an option and as an environment variable: names in lower case, checked before Node would throw.
// Invariant: no message ever shows a header's value.

import { type Check, hidden, isRecord, wrong } from './check.ts'
import { parsePairs } from './environment.ts'

export type Headers = Readonly<Record<string, string>>

// RFC 9110: a name is a token; a value has no control characters. Node refuses everything else when the request is made.
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** Names and values of headers. A bad pair of the environment is left out, its neighbours are kept. */
export function headers(): Check<Headers> {
  return {
    take: (value, name) => {
      if (!isRecord(value)) throw wrong(name, 'an object of strings', hidden(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => {
          if (!NAME.test(key)) throw wrong(name, 'an object whose keys are header names', 'a key that is none')
          if (typeof one === 'string' && VALUE.test(one)) return [key.toLowerCase(), one]
          throw wrong(`${name}.${key}`, 'a string of Latin-1 characters without line breaks', hidden(one))
        }),
      )
    },
    read: (text, complain) => {
      const good: Record<string, string> = {}
      const bad: string[] = []
      // Not even a bad item's key is shown: in `Authorization: Bearer secret=` it is the credential.
      for (const { item, key, value, why } of parsePairs(text)) {
        if (why !== undefined) bad.push(`item ${item} ${why}`)
        else if (!NAME.test(key)) bad.push(`item ${item} has a key that is not a header name`)
        else if (!VALUE.test(value)) bad.push(`item ${item} has characters that no header may have`)
        else good[key.toLowerCase()] = value
      }
      const any = Object.keys(good).length > 0
      if (bad.length > 0) complain(bad.join(', '), any ? 'the rest' : 'nothing of it')
      return any ? good : undefined
    },
  }
}
