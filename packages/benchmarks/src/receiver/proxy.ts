// A proxy that makes a network of loopback, in a process of its own: each byte goes on half a round trip after it came.
// TCP's own handshake takes no time here, and there is no limit on what is under way.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

const [port, roundTripMillis] = process.argv.slice(2).map(Number) as [number, number]

/** Timers of equal length ring in the order in which they were set, so that bytes stay in order. */
function forward(from: Socket, to: Socket): void {
  from.on('data', (chunk) => setTimeout(() => to.write(chunk), roundTripMillis / 2))
  from.on('end', () => setTimeout(() => to.end(), roundTripMillis / 2))
  from.on('error', () => to.destroy())
  from.on('close', () => setTimeout(() => to.destroy(), roundTripMillis))
}

const server = createServer({ noDelay: true }, (incoming) => {
  const outgoing = connect({ port, host: '127.0.0.1', noDelay: true })
  forward(incoming, outgoing)
  forward(outgoing, incoming)
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
