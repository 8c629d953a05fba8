// Servers that speak no HTTP, or half of it. Whatever comes back, an attempt ends, nothing is lost, and the next one works.

import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Bench } from './bench.ts'

const RECORDS = 50
const TIMEOUT_MILLIS = 300

const ODD: [string, 'then waits' | 'then ends', string | Buffer][] = [
  ['nothing', 'then ends', ''],
  ['half of its headers', 'then waits', 'HTTP/1.1 200 OK\r\nContent-'],
  ['half of its headers', 'then ends', 'HTTP/1.1 200 OK\r\nContent-'],
  ['"100 Continue"', 'then waits', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ['"100 Continue", 10 000 times', 'then ends', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000)],
  ['"101 Switching Protocols"', 'then waits', 'HTTP/1.1 101 No\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['"101 Switching Protocols"', 'then ends', 'HTTP/1.1 101 No\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['a 503 with a broken chunk', 'then waits', 'HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ['a 503 of unknown length', 'then waits', 'HTTP/1.1 503 No\r\n\r\nlater'],
  ['a 503 that is cut', 'then ends', 'HTTP/1.1 503 No\r\nContent-Length: 100\r\n\r\nlater'],
  ['a greeting by mail', 'then waits', '220 mail.example.com ESMTP\r\n'],
  ['bytes', 'then waits', Buffer.from('ff00ff00', 'hex')],
]

test.each(ODD)('F05: a server that answers %s, %s, loses nothing', async (_name, then, answer) => {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {}).once('data', () => (then === 'then ends' ? socket.end(answer) : socket.write(answer)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const bench = new Bench({ endpoint: `http://127.0.0.1:${port}`, timeoutMillis: TIMEOUT_MILLIS })
  bench.emit(RECORDS)
  try {
    await bench.run(() => bench.stats.requests === 2)
    expect(sockets.length).toBeGreaterThanOrEqual(2)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  await bench.listen({ port })
  const { arrivedAfterMillis } = await bench.recover()
  expect(arrivedAfterMillis).toBeLessThanOrEqual(5000)
  await bench.verdict()
})

test('F07: a refusal that comes before the request has been read is understood', async () => {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    const refuse = (): void => {
      socket.pause().write('HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy())
    }
    socket.on('error', () => {}).once('data', refuse)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const bench = new Bench({ endpoint: `http://127.0.0.1:${port}`, maxExportBatchBytes: 2 ** 24, timeoutMillis: 3000 })
  bench.emit(4, 2 ** 20 / 2)
  await bench.drain()
  await new Promise((resolve) => server.close(resolve))
  // All four, the halves, and each alone, found with few requests: none of them comes again for want of an answer.
  expect(connections).toBeLessThanOrEqual(4 * (2 * Math.log2(4) + 2))
  expect(bench.stats).toMatchObject({ retries: 0, dropped: { record_too_large: 4, total: 4 } })
})
