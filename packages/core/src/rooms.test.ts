// Reads the sources, and holds what docs/architecture.md says of their rooms. The floors are those of its table.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGES = ['core', 'pino-otlp', 'winston-otlp'] as const
type PackageName = (typeof PACKAGES)[number]

interface Room {
  name: string
  text: string
  /** Without comments, which may speak of anything. */
  code: string
  /** Rooms of the same package. */
  imports: string[]
  /** Everything else that is imported. */
  foreign: string[]
}

const ROOT = join(__dirname, '../../..')

function roomsOf(name: PackageName): Room[] {
  const folder = join(ROOT, 'packages', name, 'src')
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  return files.map((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
    const sources = [...code.matchAll(/\b(?:from |import |import\(|require\()'([^']+)'/g)].map(([, source]) => source!)
    return {
      name: file.slice(0, -3),
      text,
      code,
      imports: [...new Set(sources.filter((source) => source.startsWith('./')).map((source) => source.slice(2, -3)))],
      foreign: sources.filter((source) => !source.startsWith('./')),
    }
  })
}

const rooms = Object.fromEntries(PACKAGES.map((name) => [name, roomsOf(name)])) as Record<PackageName, Room[]>
const all = PACKAGES.flatMap((name) => rooms[name].map((room) => ({ ...room, path: `${name}/src/${room.name}.ts` })))

/** Room -> floor, by the table of docs/architecture.md. */
function floorsOfDoc(): Map<string, number> {
  const doc = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
  const section = doc.split('## Rooms of core')[1]!.split('\n## ')[0]!
  const rows = [...section.matchAll(/^\| (\d) +\| ([^|]+)\|/gm)]
  return new Map(
    rows.flatMap(([, floor, names]) => [...names!.matchAll(/`([\w-]+)`/g)].map(([, name]) => [name!, Number(floor)])),
  )
}

const floors = floorsOfDoc()

/** Imports that stay on their floor: a room, and the one that only serves it. */
const NEIGHBOURS = new Set([
  'encode -> envelope',
  'endpoint -> headers',
  'grpc-connection -> proxy',
  'grpc-endpoint -> endpoint',
  'grpc-endpoint -> environment',
  'grpc-endpoint -> headers',
  'headers -> environment',
  'lane-files -> instances',
  'metadata -> headers',
  'network-hint -> tls',
  'options -> journal-options',
  'options -> logger-provider',
  'options -> record',
  'options -> record-options',
  'options -> tls-options',
  'options -> report',
  'settings -> logger-provider',
  'settings -> options',
  'settings -> record',
  'settings -> record-options',
  'settings -> report',
  'record-format -> slab',
  'record-format -> value-writer',
  'slab -> slab-pool',
  'protobuf -> protobuf-values',
  'proxy -> environment',
  'request-headers -> headers',
  'request-headers -> metadata',
  'resource -> environment',
])

/** What only one room of the core does. The exit worker's text runs elsewhere. */
const POWERS: [power: string, trace: RegExp, room: string][] = [
  ['the environment', /\bprocess\s*\.\s*env\b|\bprocess\[/, 'environment'],
  ['stderr', /\bwriteSync } from 'node:fs'|\bprocess\s*\.\s*std(?:out|err)\b|\bconsole\b/, 'diagnostics'],
  ['files', /\* as fs from|'(?:node:)?fs\/promises'/, 'disk'],
  ['sockets between processes', /'(?:node:)?net'/, 'liveness'],
  ['the network', /(?:from |\()'(?:node:)?(?:https?|http2|tls|dgram|dns)'|\bfetch\(/, 'http'],
  ['timers', /\bset(?:Timeout|Interval|Immediate)\b|'(?:node:)?timers/, 'clock'],
  ['events of the process', /\bprocess\s*\.\s*(?:on|once|off|addListener|exit|kill)\b/, 'exit'],
  ['threads', /'(?:node:)?(?:worker_threads|child_process|cluster)'|\bnew Worker\b/, 'exit'],
]

describe('rooms of the core', () => {
  it('are those of docs/architecture.md, each on one floor', () => {
    expect([...floors.keys()].toSorted()).toEqual(rooms.core.map(({ name }) => name).toSorted())
  })

  it('import from floors below only', () => {
    const wrong = rooms.core.flatMap(({ name, imports }) =>
      imports
        .filter((other) => floors.get(other)! >= floors.get(name)! && !NEIGHBOURS.has(`${name} -> ${other}`))
        .map((other) => `${name} (floor ${floors.get(name)}) -> ${other} (floor ${floors.get(other)})`),
    )
    expect(wrong).toEqual([])
  })

  it('have no neighbour that they do not import', () => {
    const edges = new Set(rooms.core.flatMap(({ name, imports }) => imports.map((other) => `${name} -> ${other}`)))
    expect([...NEIGHBOURS].filter((edge) => !edges.has(edge))).toEqual([])
    expect(
      [...NEIGHBOURS].filter((edge) => floors.get(edge.split(' -> ')[0]!) !== floors.get(edge.split(' -> ')[1]!)),
    ).toEqual([])
  })

  it.each(POWERS)('leave %s to one of them', (_power, trace, room) => {
    const using = rooms.core.filter(({ name, code }) => name !== 'exit-worker' && trace.test(code))
    expect(using.map(({ name }) => name)).toEqual([room])
  })

  it('leave every other use of files alone', () => {
    const using = rooms.core.filter(({ foreign }) => foreign.some((source) => /^(?:node:)?fs$/.test(source)))
    expect(using.map(({ name }) => name)).toEqual(['diagnostics', 'disk'])
  })

  it('import nothing but Node, and gRPC where it is asked for', () => {
    const foreign = rooms.core.flatMap(({ name, foreign: sources }) => sources.map((source) => `${name}: ${source}`))
    expect(foreign.filter((source) => !/: (?:node:|\.\.\/package\.json$)/.test(source))).toEqual([
      'grpc-package: @grpc/grpc-js',
    ])
  })
})

describe.each(PACKAGES)('rooms of %s', (name) => {
  it('import each other without a cycle', () => {
    const left = new Map(rooms[name].map((room) => [room.name, new Set(room.imports)]))
    for (let before = -1; before !== left.size;) {
      before = left.size
      for (const [room, imports] of left) {
        if ([...imports].every((other) => !left.has(other))) left.delete(room)
      }
    }
    expect([...left.keys()]).toEqual([])
  })
})

describe('every source', () => {
  it('was found', () => {
    expect(PACKAGES.map((name) => rooms[name].length > 5)).toEqual([true, true, true])
    expect(all.flatMap(({ imports }) => imports).length).toBeGreaterThan(50)
  })

  it('has 300 lines at most', () => {
    expect(all.filter(({ text }) => text.trimEnd().split('\n').length > 300).map(({ path }) => path)).toEqual([])
  })

  it('says in its first lines what it is for', () => {
    const silent = all.filter(({ name, text }) => name !== 'index' && !text.startsWith('// '))
    expect(silent.map(({ path }) => path)).toEqual([])
  })

  it('is named for what it owns', () => {
    const vague = /(?:^|-)(?:utils?|helpers?|common|types?|managers?|handlers?|services?|misc|lib)(?:-|$)/
    expect(all.filter(({ name }) => vague.test(name)).map(({ path }) => path)).toEqual([])
  })

  it('names no interface with an I in front', () => {
    expect(all.filter(({ code }) => /\binterface I[A-Z]/.test(code)).map(({ path }) => path)).toEqual([])
  })

  it('imports no OpenTelemetry package', () => {
    expect(all.filter(({ code }) => /'@opentelemetry\//.test(code)).map(({ path }) => path)).toEqual([])
  })
})
