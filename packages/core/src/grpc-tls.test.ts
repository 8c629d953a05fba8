import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Certificate,
  CertificateAuthority,
  encodeRequestBytes,
  type GrpcReceiver,
  type GrpcReceiverOptions,
  startGrpcReceiver,
} from '@otlp-logs/test-support'
import { REFUSED_CERTIFICATES } from '../test/refused-certificates.ts'
import { createExporter } from './create-exporter.ts'
import type { Exporter, ExportResult } from './export.ts'
import type { TlsOptions } from './tls-options.ts'
import { resolveOptions } from './resolve-options.ts'

const SUCCESS = { kind: 'success', rejected: 0, isPayloadFree: true }

let authority: CertificateAuthority
let stranger: CertificateAuthority
let server: Certificate
let client: Certificate
const opened: { close(): unknown }[] = []

beforeAll(() => {
  authority = new CertificateAuthority()
  stranger = new CertificateAuthority()
  server = authority.make()
  client = authority.make()
})

afterAll(() => {
  authority.close()
  stranger.close()
})

afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close()
})

async function receive(tls: GrpcReceiverOptions['tls'], port?: number): Promise<GrpcReceiver> {
  const receiver = await startGrpcReceiver({ ...(tls && { tls }), ...(port !== undefined && { port }) })
  opened.push(receiver)
  return receiver
}

function exporterTo({ endpoint }: Pick<GrpcReceiver, 'endpoint'>, tls: TlsOptions, host = '127.0.0.1'): Exporter {
  const options = { protocol: 'grpc', endpoint: endpoint.replace('127.0.0.1', host), tls }
  const exporter = createExporter(resolveOptions(options, { env: {} }).settings, 'test/1', () => {})
  opened.push(exporter)
  return exporter
}

function send(exporter: Exporter): Promise<ExportResult> {
  const bytes = encodeRequestBytes({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'a' } }] }] }],
  })
  return exporter.export({ chunks: [bytes], bytes: bytes.length, count: 1 })
}

function failure(what: RegExp, hint: string): object {
  return { kind: 'retryable', cause: { what: expect.stringMatching(what), hint: expect.stringContaining(hint) } }
}

describe('TLS', () => {
  it('C14: trusts the server by `tls.ca`, at an address as well as at a name', async () => {
    const receiver = await receive(authority.make({ subject: 'IP:127.0.0.1,DNS:localhost' }))
    expect(await send(exporterTo(receiver, { ca: authority.path }))).toEqual(SUCCESS)
    expect(await send(exporterTo(receiver, { ca: authority.path }, 'localhost'))).toEqual(SUCCESS)
    expect(receiver.records).toHaveLength(2)
  })

  it.each(REFUSED_CERTIFICATES)(
    'F11: a certificate %s is not accepted, and the message says what to do',
    async (_name, cert, tls, host, what, hint) => {
      const parties = { authority, stranger, server }
      const receiver = await receive(cert(parties))
      const result = await send(exporterTo(receiver, tls(parties), host))
      expect(result).toMatchObject(failure(what, hint(parties)))
      expect(receiver.calls).toEqual([])
    },
  )

  it('is tried again with the authority that is in the file by then', async () => {
    const receiver = await receive(server)
    const path = join(authority.folder, 'trusted.pem')
    copyFileSync(stranger.path, path)
    const exporter = exporterTo(receiver, { ca: path })
    copyFileSync(authority.path, path)
    expect(await send(exporter)).toMatchObject({ kind: 'retryable' })
    expect(await send(exporter)).toEqual(SUCCESS)
  })

  it('asked of a port that speaks plaintext, and the other way, says so', async () => {
    const plain = await receive(undefined)
    const secured = await receive(server)
    const wrong = exporterTo(
      { endpoint: plain.endpoint.replace('http:', 'https:') },
      {
        ca: authority.path,
      },
    )
    expect(await send(wrong)).toMatchObject(failure(/./, 'asked of a port that speaks http?'))
    const other = exporterTo({ endpoint: secured.endpoint.replace('https:', 'http:') }, {})
    expect(await send(other)).toMatchObject(failure(/./, 'does this port ask for TLS (https)?'))
  })
})

describe('mTLS', () => {
  const demanding = (): Promise<GrpcReceiver> => receive({ ...server, ca: authority.certificate })

  it('C14: shows the certificate that the server asks for', async () => {
    const receiver = await demanding()
    const exporter = exporterTo(receiver, { ca: authority.path, cert: client.cert, key: client.key })
    expect(await send(exporter)).toEqual(SUCCESS)
  })

  it('without a certificate is refused, and the message says which options to set', async () => {
    const receiver = await demanding()
    const result = await send(exporterTo(receiver, { ca: authority.path }))
    expect(result).toMatchObject(failure(/./, '`tls.cert` and `tls.key`'))
    expect(receiver.calls).toEqual([])
  })

  it('with a certificate of another authority is refused, and the message says which', async () => {
    const receiver = await demanding()
    const { certPath, keyPath } = stranger.make()
    const exporter = exporterTo(receiver, { ca: authority.path, cert: certPath, key: keyPath })
    expect(await send(exporter)).toMatchObject(failure(/./, `the client certificate in \`tls.cert\` (${certPath})`))
    expect(receiver.calls).toEqual([])
  })

  it('goes on with a renewed certificate once the old one is refused', async () => {
    const receiver = await demanding()
    const [cert, key] = [join(authority.folder, 'rotated.crt'), join(authority.folder, 'rotated.key')]
    const old = stranger.make()
    writeFileSync(cert, old.cert)
    writeFileSync(key, old.key)
    const exporter = exporterTo(receiver, { ca: authority.path, cert, key })
    writeFileSync(cert, client.cert)
    writeFileSync(key, client.key)
    expect(await send(exporter)).toMatchObject({ kind: 'retryable' })
    expect(await send(exporter)).toEqual(SUCCESS)
  })

  it('is there for the client of the last moment', async () => {
    const receiver = await demanding()
    const exporter = exporterTo(receiver, { ca: authority.path, cert: client.cert, key: client.key })
    expect(exporter.plain!.tls).toEqual({
      ca: authority.certificate.toString(),
      cert: client.cert.toString(),
      key: client.key.toString(),
    })
  })
})
