import { summarize } from './summary.ts'

const frame = (functionName: string, url: string, lineNumber = 0): object => ({ functionName, url, lineNumber })

const PROFILE = JSON.stringify({
  nodes: [
    { id: 1, callFrame: frame('(root)', '') },
    { id: 2, callFrame: frame('(idle)', '') },
    {
      id: 3,
      callFrame: frame('parseLine', 'file:///srv/app/node_modules/.pnpm/x/node_modules/pino-otlp/dist/index.mjs', 9),
    },
    { id: 4, callFrame: frame('', 'node:buffer', 4) },
    {
      id: 5,
      callFrame: frame('parseLine', 'file:///srv/app/node_modules/.pnpm/x/node_modules/pino-otlp/dist/index.mjs', 9),
    },
  ],
  samples: [2, 3, 4, 5, 1],
  timeDeltas: [50_000, 2000, 1000, 1000, 30_000],
})

describe('summarize', () => {
  test('adds up what each function took by itself, wherever it was called, and leaves out idle time', () => {
    const { busyMillis, functions } = summarize(PROFILE)
    expect(busyMillis).toBe(4)
    expect(functions).toEqual([
      { name: 'parseLine pino-otlp/dist/index.mjs:10', millis: 3, percent: 75 },
      { name: '(anonymous) node:buffer:5', millis: 1, percent: 25 },
    ])
  })

  test('adds up files', () => {
    expect(summarize(PROFILE).files.map(({ name, millis }) => [name, millis])).toEqual([
      ['pino-otlp/dist/index.mjs', 3],
      ['node:buffer', 1],
    ])
  })
})
