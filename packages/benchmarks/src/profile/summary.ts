// A CPU profile of V8, told: which functions and which files the time was spent in, by themselves.

import { basename } from 'node:path'

interface Profile {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number }
  }[]
  samples: number[]
  timeDeltas: number[]
}

export interface SelfTime {
  name: string
  millis: number
  /** Of the time that was not idle. */
  percent: number
}

export interface Summary {
  busyMillis: number
  functions: SelfTime[]
  files: SelfTime[]
}

const IDLE = new Set(['(idle)', '(root)', '(program)'])
const MICROS_PER_MILLI = 1000

export function summarize(text: string): Summary {
  const { nodes, samples, timeDeltas } = JSON.parse(text) as Profile
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const functions = new Map<string, number>()
  const files = new Map<string, number>()
  let busyMillis = 0
  for (const [i, id] of samples.entries()) {
    const { functionName, url, lineNumber } = frames.get(id)!
    if (IDLE.has(functionName)) continue
    const millis = (timeDeltas[i] ?? 0) / MICROS_PER_MILLI
    const file = shortened(url)
    busyMillis += millis
    add(functions, `${functionName || '(anonymous)'} ${file}${url === '' ? '' : `:${lineNumber + 1}`}`, millis)
    add(files, file, millis)
  }
  return { busyMillis, functions: sorted(functions, busyMillis), files: sorted(files, busyMillis) }
}

/** The last two parts of a path: a package's name lies before many a `index.js`. */
function shortened(url: string): string {
  if (url === '') return '(native)'
  if (url.startsWith('node:')) return url
  const path = decodeURIComponent(url)
  const parts = path.split('/')
  const inModules = parts.lastIndexOf('node_modules')
  if (inModules !== -1) return parts.slice(inModules + 1).join('/')
  return parts.length > 3 ? parts.slice(-3).join('/') : basename(path)
}

function add(times: Map<string, number>, name: string, millis: number): void {
  times.set(name, (times.get(name) ?? 0) + millis)
}

function sorted(times: ReadonlyMap<string, number>, busyMillis: number): SelfTime[] {
  return [...times]
    .map(([name, millis]) => ({ name, millis, percent: (100 * millis) / busyMillis }))
    .toSorted((a, b) => b.millis - a.millis)
}
