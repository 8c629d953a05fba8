import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { OPTIONS, type Values } from './option-table.ts'
import type { JournalOptions } from './journal-options.ts'
import type { KeyOptions, LimitOptions, OtlpOptions, RedactOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'
import type { TlsOptions } from './tls-options.ts'

const doc = readFileSync(join(__dirname, '../../../docs/configuration.md'), 'utf8')
const source = ['options.ts', 'journal-options.ts', 'record-options.ts', 'tls-options.ts']
  .map((file) => readFileSync(join(__dirname, file), 'utf8'))
  .join('\n')

interface Described {
  default: string
  environment: string[]
}

/** The rows of the first table: option -> what its cells say. */
function describedInDoc(): Map<string, Described> {
  const rows = doc.split('## Precedence')[0]!.matchAll(/^\| `([\w.]+)`.*$/gm)
  return new Map(
    [...rows].map(([line, name]) => {
      const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
      expect(cells).toHaveLength(7)
      expect(cells[5]).toMatch(/\.$/)
      return [name!, { default: cells[3]!.replaceAll('`', ''), environment: variablesIn(cells[4]!) }]
    }),
  )
}

/** The members of the option interfaces: option -> what its TSDoc says. */
function describedInSource(): Map<string, Described> {
  const groups = {
    KeyOptions: 'keys.',
    RedactOptions: 'redact.',
    LimitOptions: 'limits.',
    TlsOptions: 'tls.',
    JournalOptions: 'journal.',
    RecordOptions: '',
    OtlpOptions: '',
  }
  const described = new Map<string, Described>()
  for (const [type, prefix] of Object.entries(groups)) {
    const body = source.split(new RegExp(`export interface ${type} (?:extends \\w+ )?\\{`))[1]!.split('\n}')[0]!
    for (const [, comment, name] of body.matchAll(/\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s+(\w+)\??:/g)) {
      const fallback = /@default (.*)/.exec(comment!)?.[1]?.replace('*/', '').trim()
      if (fallback !== undefined)
        described.set(prefix + name, { default: fallback, environment: variablesIn(comment!) })
      // A group has no default of its own, and `redact.paths` none at all.
      else if (prefix + name === 'redact.paths') described.set('redact.paths', { default: 'none', environment: [] })
    }
  }
  return described
}

function variablesIn(text: string): string[] {
  return [...text.matchAll(/OTEL_\w+/g)].map(([name]) => name)
}

function literal(value: unknown): string {
  return Array.isArray(value) ? `[${value.map((item) => inspect(item)).join(', ')}]` : inspect(value)
}

describe('docs/configuration.md', () => {
  const names = Object.keys(OPTIONS) as (keyof Values)[]
  const inDoc = describedInDoc()
  const inSource = describedInSource()

  it('has one row for each option, in the order of the table', () => {
    expect([...inDoc.keys()]).toEqual(names)
    expect(new Set(inSource.keys())).toEqual(new Set(names))
  })

  it.each(names)('%s has its default and its variables, as in the TSDoc', (name) => {
    const row = OPTIONS[name]
    const described = inDoc.get(name)!
    expect(described).toEqual(inSource.get(name))
    // What is undefined is told in words.
    expect(described.default).toBe(row.default === undefined ? described.default : literal(row.default))
    // Those of `resource` are merged by key, so resource.ts reads them.
    const variables = row.environment.map((variable) => variable.name)
    const expected = name === 'resource' ? ['OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES'] : variables
    expect(described.environment).toEqual(expected)
  })

  it('shows messages as they are', () => {
    expect(() => resolveOptions({ maxQueueBytes: 0 })).toThrow(messageIn('Expected'))
    expect(resolveOptions({ timeout: 1 }, { env: {} }).warnings).toEqual([messageIn('Ignored unknown')])
    expect(resolveOptions({}, { env: { OTEL_BLRP_MAX_QUEUE_SIZE: '-5' } }).warnings).toEqual([
      messageIn('Ignored OTEL'),
    ])
  })

  it('shows environments that need no warning', () => {
    const blocks = doc.split('```sh\n')[1]!.split('```')[0]!.split('\n\n')
    for (const block of blocks) {
      const env = Object.fromEntries(
        [...block.matchAll(/^(OTEL_\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
      )
      expect(Object.keys(env)).not.toEqual([])
      expect(resolveOptions({}, { env }).warnings).toEqual([])
    }
  })

  function messageIn(start: string): string {
    return doc.split('``').find((part) => part.startsWith(start))!
  }
})

// Checked by the compiler: the table has a row for every option that users can write, and no other.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never
type Written =
  | Exclude<keyof OtlpOptions, 'tls' | 'keys' | 'redact' | 'limits' | 'journal'>
  | `tls.${keyof TlsOptions}`
  | `keys.${keyof KeyOptions}`
  | `redact.${keyof RedactOptions}`
  | `limits.${keyof LimitOptions}`
  | `journal.${keyof JournalOptions}`
const same: Same<Written, keyof Values> = true
void same
