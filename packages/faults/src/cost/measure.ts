// What a journal costs the thread that writes it: records are emitted in one tick, so that nothing but the way from a
// record to the queue is timed, and the collector, a bare server of this process, has its turn in between.

import fs from 'node:fs'
import { createServer } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { makeTempFolder } from '@otlp-logs/test-support'
import type { Pipeline } from 'otlp-logs-core'

export interface Case {
  /** Undefined for the queue in memory. */
  fsync: 'interval' | 'batch' | 'none' | undefined
  /** How many records are written together: one on the thread of the app, a chunk behind a worker. */
  recordsPerWrite: number
  isDown: boolean
}

export interface Cost {
  /** CPU time of one record, that of the system included, by round, the least first. */
  micros: number[]
  /** How often a file was brought to the device, and how long each took, the least first. */
  syncMillis: number[]
  /** How long the rounds took, with their pauses. */
  totalMillis: number
}

const RECORDS = 10_000
const ROUNDS = 9
/** Until the code is warm. */
const WARM_UP_ROUNDS = 3
const PAUSE_MILLIS = 200
/** Encoded, it takes some 250 bytes. */
const RECORD = {
  observedTimeUnixNano: 1_700_000_000_000_000_000n,
  timeUnixNano: 1_700_000_000_000_000_000n,
  severityNumber: 9,
  severityText: 'info',
  body: 'request completed',
  attributes: {
    'http.request.method': 'GET',
    'url.path': '/orders/8472/items',
    'http.response.status_code': 200,
    'http.server.request.duration': 0.0123,
    'user.id': 'b7f3a0c2-9d41-4c55-8e0a-3f5d2b1c9e77',
    reqId: 84_721,
  },
}

const syncMillis: number[] = []
const { fdatasync } = fs
fs.fdatasync = Object.assign((fd: number, done: fs.NoParamCallback) => {
  const startedAt = performance.now()
  fdatasync(fd, (error) => {
    syncMillis.push(performance.now() - startedAt)
    done(error)
  })
}, fdatasync)
syncBuiltinESMExports()
// Behind the counter.
const { createPipeline, resolveOptions } = await import('otlp-logs-core')

/** @param parent where the journal lies; a temporary folder without it */
export async function measure({ fsync, recordsPerWrite, isDown }: Case, parent?: string): Promise<Cost> {
  const temp = makeTempFolder()
  const directory = parent === undefined ? join(temp.path, 'journal') : fs.mkdtempSync(join(parent, 'journal-cost-'))
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.writeHead(isDown ? 503 : 200).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { settings, warnings } = resolveOptions({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    diagnostics: 'none',
    scheduledDelayMillis: 50,
    closeTimeoutMillis: 0,
    ...(fsync !== undefined && { journal: { directory, fsync, minFreeBytes: 0, maxBytes: 2 ** 31 } }),
  })
  const isWorker = recordsPerWrite > 1
  const pipeline = createPipeline(settings, warnings, { package: { name: 'cost' }, inProcess: !isWorker })
  try {
    const micros: number[] = []
    let startedAt = performance.now()
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
      if (round === 0) {
        syncMillis.length = 0
        startedAt = performance.now()
      }
      const before = process.cpuUsage()
      for (let i = 1; i <= RECORDS; i++) {
        pipeline.emit({ ...RECORD })
        if (isWorker && (i % recordsPerWrite === 0 || i === RECORDS)) pipeline.commit()
      }
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) micros.push((user + system) / RECORDS)
      if (!isDown) await drained(pipeline)
      await wait(PAUSE_MILLIS)
    }
    const totalMillis = performance.now() - startedAt
    return { micros: sorted(micros), syncMillis: sorted(syncMillis), totalMillis }
  } finally {
    await pipeline.shutdown(0)
    server.closeAllConnections()
    server.close()
    if (parent !== undefined) fs.rmSync(directory, { recursive: true })
    temp.remove()
  }
}

async function drained(pipeline: Pipeline): Promise<void> {
  while (pipeline.stats().waiting.records > 0) await wait(10)
}

function sorted(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b)
}
