// TLS and mTLS as the Collector has them: an authority of one's own, and clients that have to show who they are.

import { type Certificate, CertificateAuthority, type Collector, startCollector } from '@otlp-logs/test-support'
import winston from 'winston'
import { OtlpTransport, type OtlpTransportOptions } from 'winston-otlp'
import { LINES } from '../src/lines.ts'
import { LOGGERS, logLines, type Protocol, PROTOCOLS, target } from './ways.ts'

const WAYS = LOGGERS.flatMap((logger) => PROTOCOLS.map((protocol) => [logger, protocol] as const))

let authority: CertificateAuthority
let client: Certificate
/** Asks nobody who he is. */
let open: Collector
/** Asks for a certificate of the authority. */
let closed: Collector

beforeAll(async () => {
  authority = new CertificateAuthority()
  client = authority.make({ subject: 'DNS:app' })
  const { certPath: cert_file, keyPath: key_file } = authority.make()
  const start = (more: object): Promise<Collector> => {
    const settings = { tls: { cert_file, key_file, ...more } }
    return startCollector({ http: settings, grpc: settings })
  }
  open = await start({})
  closed = await start({ client_ca_file: authority.path })
})

afterAll(async () => {
  await open.close()
  await closed.close()
  authority.close()
  expect([...open.problems, ...closed.problems]).toEqual([])
})

describe.each(WAYS)('%s by %s', (logger, protocol) => {
  test('C14: over TLS, with an authority of its own, all arrives', async () => {
    const before = open.records.length
    await logLines(logger, { ...target(open, protocol, 'https'), tls: { ca: authority.path } })
    await open.waitForRecords(before + LINES.length)
  })

  test('C14: with a client certificate, all arrives at a Collector that asks for one', async () => {
    const before = closed.records.length
    const tls = { ca: authority.path, cert: client.certPath, key: client.keyPath }
    await logLines(logger, { ...target(closed, protocol, 'https'), tls })
    await closed.waitForRecords(before + LINES.length)
  })
})

describe.each(PROTOCOLS)('by %s', (protocol) => {
  test('C14: without the authority nothing is sent, and what to do is said', async () => {
    await expectWaiting(open, protocol, {}, /name yours in `tls\.ca`/)
  })

  test('C14: without a client certificate nothing is taken, and what to do is said', async () => {
    await expectWaiting(closed, protocol, { tls: { ca: authority.path } }, /`tls\.cert` and `tls\.key`/)
  })

  test('C14: a client certificate of a stranger is not taken, and named', async () => {
    const strange = new CertificateAuthority()
    const { certPath: cert, keyPath: key } = strange.make()
    try {
      await expectWaiting(
        closed,
        protocol,
        { tls: { ca: authority.path, cert, key } },
        /refuses? the client certificate in/,
      )
    } finally {
      strange.close()
    }
  })

  test('https asked of a port without TLS is told', async () => {
    const plain = await startCollector()
    try {
      await expectWaiting(plain, protocol, {}, /https asked of a port that speaks http/)
    } finally {
      await plain.close()
    }
  })
})

/** Logs one line, which must wait, with this message and no other. */
async function expectWaiting(
  collector: Collector,
  protocol: Protocol,
  options: OtlpTransportOptions,
  says: RegExp,
): Promise<void> {
  const before = collector.records.length
  let onMessage = (_message: string): void => {}
  const message = new Promise<string>((resolve) => (onMessage = resolve))
  const transport = new OtlpTransport({
    ...target(collector, protocol, 'https'),
    diagnostics: 'none',
    closeTimeoutMillis: 0,
    onReport: ({ message: text }) => onMessage(text),
    ...options,
  })
  const logger = winston.createLogger({ transports: [transport] })
  logger.info('line')
  expect(await message).toMatch(says)
  expect(transport.stats()).toMatchObject({ sent: 0, dropped: { total: 0 }, waiting: { records: 1 } })
  logger.close()
  expect(collector.records).toHaveLength(before)
}
