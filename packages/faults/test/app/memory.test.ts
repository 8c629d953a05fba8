// What trouble costs in memory: with a queue that is full and goes on dropping its oldest lines, or one that a slow collector
// never empties, the process holds no more than the bound on what waits and 32 MiB.

import { type Answer, type LoggingMode, saidBy, startReceiverProcess } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { judge, startLoadApp } from './load-app.ts'

const MODES: readonly LoggingMode[] = ['otlpTransport', 'otlpStream', 'winston']
/** `maxQueueBytes` as it is by default. */
const BOUND_MIB = 64
const MAX_OVERHEAD_MIB = 32
const LINE_BYTES = 2048
const PER_SECOND = 6000
/** Three times the bound: it is full after a third, and as much again is dropped, twice. */
const LINES = (3 * BOUND_MIB * 1024 * 1024) / LINE_BYTES

interface Memory {
  healthy: number
  after: number
  waitingMiB: number
  sent: number
  dropped: number
}

/** What happens, the answers that bring it about, and whether it did. */
const CASES: readonly (readonly [string, Answer, (memory: Memory) => boolean])[] = [
  [
    'an outage that fills the queue three times',
    { status: 503 },
    ({ waitingMiB, dropped }) => waitingMiB > BOUND_MIB - 2 && dropped > LINES / 2,
  ],
  // A request of a MiB at a time: 8 MiB a second, while 12 are logged.
  [
    'a time with a collector that never takes all',
    { delayMillis: 100 },
    ({ waitingMiB, sent }) => waitingMiB > BOUND_MIB / 4 && sent > LINES / 3,
  ],
]

// All modes at once: memory is no matter of speed.
test.each(CASES)(
  'F01: in %s, no mode holds more memory than the bound and 32 MiB',
  async (name, answer, happened) => {
    const memories = await Promise.all(MODES.map((mode) => memoryOf(mode, answer)))
    const grown = memories.map(({ healthy, after }) => Math.round(after - healthy))
    for (const [i, { healthy, waitingMiB, sent, dropped }] of memories.entries()) {
      figure('F01', `${MODES[i]}, ${name}`, {
        ...{ grownMiB: grown[i]!, healthyMiB: Math.round(healthy), waitingMiB: Math.round(waitingMiB), sent, dropped },
      })
    }
    expect(memories.filter((memory) => !happened(memory))).toEqual([])
    expect(grown.filter((mib) => mib > BOUND_MIB + MAX_OVERHEAD_MIB)).toEqual([])
  },
  90_000,
)

async function memoryOf(mode: LoggingMode, answer: Answer): Promise<Memory> {
  const receiver = await startReceiverProcess()
  const app = startLoadApp({
    mode,
    endpoint: receiver.endpoint,
    // Little room for garbage, so that what is not held is not counted.
    execArgv: ['--max-semi-space-size=2'],
    source: `
      await pace(${PER_SECOND}, 1000, ${LINE_BYTES})
      await transport.flush()
      const healthy = rss()
      const before = transport.stats().sent
      say('healthy')
      await cue('trouble')
      await pace(${PER_SECOND}, ${(LINES * 1000) / PER_SECOND}, ${LINE_BYTES})
      const after = rss()
      const { waiting, sent, dropped } = transport.stats()
      const waitingMiB = waiting.bytes / 1024 / 1024
      say('memory', { healthy, after, waitingMiB, sent: sent - before, dropped: dropped.total })
      await cue('end')
      await transport.flush()
      sayStats()`,
  })
  try {
    await app.stdoutLine('healthy')
    receiver.setAnswer(answer)
    app.write('trouble\n')
    await app.stdoutLine('memory')
    receiver.setAnswer({})
    app.write('end\n')
    await judge(app, receiver)
  } finally {
    await receiver.close()
  }
  return saidBy<Memory>(await app.done, 'memory')[0]!
}
