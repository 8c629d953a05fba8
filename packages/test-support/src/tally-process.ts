// The process behind receiver-process.ts: a receiver that keeps nothing, counts lines, and is told by messages.

import type { Answer, Script } from './answer.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import type { Command, Event, ReceiverTally } from './receiver-process.ts'
import { Tally } from './tally.ts'

const SECOND = 1000
const tally = new Tally()
const statuses: Record<string, number> = {}
const requestTimes: number[] = []
const latencies: number[] = []
let firstAt = 0
let lastAt = 0

const send = (event: Event): void => void process.send?.(event)

/** Success while fewer than so many requests were accepted in the last second, otherwise 429. */
function rateLimit(perSecond: number): Script {
  let accepted: number[] = []
  return () => {
    const now = performance.now()
    accepted = accepted.filter((at) => at > now - SECOND)
    if (accepted.length >= perSecond) return { status: 429 }
    accepted.push(now)
    return {}
  }
}

function counting(script: Answer | readonly Answer[] | Script): Script {
  let index = 0
  return async (request) => {
    requestTimes.push(Date.now())
    const answer =
      typeof script === 'function'
        ? await script(request, index++)
        : Array.isArray(script)
          ? ((script as Answer[])[Math.min(index++, script.length - 1)] ?? {})
          : (script as Answer)
    const status = answer.hang ? 'hang' : answer.reset !== undefined ? 'reset' : String(answer.status ?? 200)
    statuses[status] = (statuses[status] ?? 0) + 1
    return answer
  }
}

function toScript(command: Command & { answer?: unknown }): Script {
  const { answer = {}, perSecond } = command
  return counting(perSecond === undefined ? (answer as Answer) : rateLimit(perSecond))
}

function summary(): ReceiverTally {
  const { sockets, openSockets, openRequests, maxOpenRequests, brokenRequests } = receiver
  return {
    ...tally.count,
    statuses: { ...statuses },
    requests: requestTimes.length,
    requestTimes: [...requestTimes],
    latencies: [...latencies],
    firstAt,
    lastAt,
    sockets,
    openSockets,
    openRequests,
    maxOpenRequests,
    brokenRequests,
    rssMiB: process.memoryUsage.rss() / 1024 / 1024,
  }
}

process.on('disconnect', () => process.exit(0))
const start = JSON.parse(process.argv[2] ?? '{}') as Command & { port?: number }
const receiver: Receiver = await startReceiver({
  keep: false,
  port: start.port ?? 0,
  answer: toScript(start),
  onAccepted: (records) => {
    lastAt = Date.now()
    firstAt ||= lastAt
    tally.add(records)
    for (const { timeUnixNano } of records) {
      if (latencies.length < 100_000) latencies.push(lastAt - Number(timeUnixNano / 1_000_000n))
    }
    send({ what: 'delivered', delivered: tally.count.delivered })
  },
})

process.on('message', (command: Command) => {
  if (command.what === 'answer') receiver.setAnswer(toScript(command))
  else if (command.what === 'close') process.disconnect()
  else send({ what: 'tally', id: command.id, tally: summary(), missing: tally.missing(command.end) })
})

send({ what: 'listening', port: receiver.port })
