// A collector that only counts, in a process of its own: it takes OTLP and Loki requests, answers as it is told, and says
// what came. It costs less than a microsecond a line, so that what is measured beside it is the sender.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { ReceiverCommand, ReceiverReply } from './receiver-process.ts'
import { Tally } from './tally.ts'

const tally = new Tally()
let status = 200
let requests = 0
let wireBytes = 0
let lastAt = 0

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    // The app was ended while it sent.
    return
  }
  requests++
  if (status !== 200) {
    response.writeHead(status).end()
    return
  }
  // Answered before it is counted: counting is not the sender's time.
  response.writeHead(request.url?.startsWith('/loki/') === true ? 204 : 200).end()
  const body = Buffer.concat(chunks)
  const encoding = request.headers['content-encoding']
  wireBytes += body.length
  lastAt = Date.now()
  tally.add(encoding === 'gzip' ? gunzipSync(body) : encoding === 'zstd' ? zstdDecompressSync(body) : body)
}

function reply(message: ReceiverReply): void {
  process.send?.(message)
}

process.on('message', (command: ReceiverCommand) => {
  if (command.status !== undefined) status = command.status
  const { first, count } = command
  const { distinct, duplicates } = tally
  const within = first === undefined || count === undefined ? 0 : tally.within(first, count)
  reply({ id: command.id, distinct, duplicates, within, requests, wireBytes, lastAt })
})
process.on('disconnect', () => process.exit(0))

const server = createServer((request, response) => void take(request, response))
server.listen(0, '127.0.0.1', () => reply({ port: (server.address() as AddressInfo).port }))
