// Checks of options and variables that only one row of option-table.ts has.

import * as check from './check.ts'
import type { Check, Complain } from './check.ts'
import type { Scope } from './record.ts'
import { severityOfName } from './severity.ts'

export function severity(): Check<number> {
  return check.simple('an integer from 0 to 24 or a short name such as `INFO` or `ERROR2`', (value) => {
    if (typeof value === 'string') return severityOfName(value)
    return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 24 ? (value as number) : undefined
  })
}

export function scope(): Check<Scope | 'name'> {
  return check.simple('`name` or an object with a name and, if you like, a version', (value, name) => {
    if (value === 'name') return value
    if (!check.isRecord(value)) return undefined
    const text = check.string()
    const settled: Scope = { name: text.take(value['name'], `${name}.name`) }
    if (value['version'] !== undefined) settled.version = text.take(value['version'], `${name}.version`)
    return settled
  })
}

export function readDisabled(text: string, complain: Complain): boolean | undefined {
  if (text.toLowerCase() === 'true') return false
  if (text.toLowerCase() !== 'false') complain('expected true or false', '`false`')
  return undefined
}

export function readExporters(text: string, complain: Complain): boolean | undefined {
  const names = text
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  if (names.includes('none')) return false
  if (names.some((name) => name !== 'otlp')) complain('only `otlp` and `none` mean something here', '`otlp`')
  return undefined
}
