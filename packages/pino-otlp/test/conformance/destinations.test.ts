// Row B15: what each of several destinations gets, and what the trouble of one means for the other.

import { type Receiver, startReceiver } from '@otlp-logs/test-support'
import pino from 'pino'
import { otlpStream, otlpTransport } from 'pino-otlp'

let receivers: Receiver[]
beforeEach(async () => {
  receivers = [await startReceiver(), await startReceiver()]
})
afterEach(async () => {
  for (const receiver of receivers) await receiver.close()
})

test.each([
  ['otlpStream', otlpStream],
  ['otlpTransport', otlpTransport],
])('B15: by %s, two endpoints get the same records, and a dead one keeps nothing from the other', async (_, create) => {
  const [healthy, dead] = receivers as [Receiver, Receiver]
  dead.setAnswer({ status: 503 })
  const options = { diagnostics: 'none', scheduledDelayMillis: 0 } as const
  const transports = receivers.map(({ endpoint }) => create({ ...options, endpoint }))
  const logger = pino({}, pino.multistream(transports.map((stream) => ({ level: 'trace' as const, stream }))))
  logger.info({ n: 1, nested: { a: [true, null] } }, 'first')
  await dead.waitFor(() => dead.requests.length > 0)
  // The other is served again and again, while this one is tried again and again.
  for (const text of ['second', 'third']) {
    logger.info({ n: 1, nested: { a: [true, null] } }, text)
    await transports[0]!.flush()
  }
  expect(healthy.records.map(({ body }) => body)).toEqual(['first', 'second', 'third'])
  expect(transports[1]!.stats()).toMatchObject({ sent: 0, dropped: { total: 0 }, waiting: { records: 3 } })
  dead.setAnswer({})
  await Promise.all(transports.map((transport) => transport.close()))
  const contents = receivers.map(({ records }) => records.map(contentOf))
  expect(contents[1]).toEqual(contents[0])
  expect(receivers.flatMap(({ problems }) => problems)).toEqual([])
})

/** All that the line says; when it was seen, each transport says for itself. */
function contentOf({ timeUnixNano, severityNumber, body, attributes, resource }: Receiver['records'][number]): unknown {
  return { timeUnixNano, severityNumber, body, attributes, resource }
}
