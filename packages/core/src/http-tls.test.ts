import { copyFileSync, writeFileSync } from 'node:fs'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  type Certificate,
  CertificateAuthority,
  encodeRequestBytes,
  type Receiver,
  type ReceiverOptions,
  startReceiver,
} from '@otlp-logs/test-support'
import { REFUSED_CERTIFICATES } from '../test/refused-certificates.ts'
import type { Exporter, ExportResult } from './export.ts'
import { createHttpExporter } from './http.ts'
import type { TlsOptions } from './tls-options.ts'
import { RequestHeaders } from './request-headers.ts'
import { resolveOptions } from './resolve-options.ts'

let authority: CertificateAuthority
let stranger: CertificateAuthority
let server: Certificate
let client: Certificate
const SUCCESS = { kind: 'success', rejected: 0, isPayloadFree: true }
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

async function receive(tls: ReceiverOptions['tls']): Promise<Receiver> {
  const receiver = await startReceiver({ tls: tls! })
  opened.push(receiver)
  return receiver
}

function exporterTo({ endpoint }: Pick<Receiver, 'endpoint'>, tls: TlsOptions, host = '127.0.0.1'): Exporter {
  const { settings } = resolveOptions({ endpoint: endpoint.replace('127.0.0.1', host), tls }, { env: {} })
  const headers = new RequestHeaders({ ...settings, protocol: 'http/protobuf', userAgent: 'test/1' })
  const exporter = createHttpExporter({ ...settings, headers })
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
  it('C14: trusts the server by `tls.ca`', async () => {
    const receiver = await receive(server)
    expect(await send(exporterTo(receiver, { ca: authority.path }))).toEqual(SUCCESS)
    expect(receiver.records).toHaveLength(1)
  })

  it.each(REFUSED_CERTIFICATES)(
    'F11: a certificate %s is not accepted, and the message says what to do',
    async (_name, cert, tls, host, what, hint) => {
      const parties = { authority, stranger, server }
      const receiver = await receive(cert(parties))
      const result = await send(exporterTo(receiver, tls(parties), host))
      expect(result).toMatchObject(failure(what, hint(parties)))
      expect(receiver.requests).toEqual([])
    },
  )

  it('O10: with a server that would rather speak HTTP/2 it is HTTP/1.1', async () => {
    const versions: string[] = []
    const both = createSecureServer({ ...server, allowHTTP1: true }, (request, response) => {
      versions.push(request.httpVersion)
      request.resume().on('end', () => response.end())
    })
    await new Promise<void>((resolve) => both.listen(0, '127.0.0.1', resolve))
    opened.push(both)
    const { port } = both.address() as AddressInfo
    const exporter = exporterTo({ endpoint: `https://127.0.0.1:${port}` }, { ca: authority.path })
    expect(await send(exporter)).toEqual(SUCCESS)
    expect(versions).toEqual(['1.1'])
  })

  it('is tried again with the authority that is in the file by then', async () => {
    const receiver = await receive(server)
    const path = join(authority.folder, 'trusted.pem')
    copyFileSync(stranger.path, path)
    const exporter = exporterTo(receiver, { ca: path })
    expect(await send(exporter)).toMatchObject({ kind: 'retryable' })
    copyFileSync(authority.path, path)
    expect(await send(exporter)).toMatchObject({ kind: 'retryable' })
    expect(await send(exporter)).toEqual(SUCCESS)
  })
})

describe('mTLS', () => {
  const demanding = (): Promise<Receiver> => receive({ ...server, ca: authority.certificate })

  it('C14: shows the certificate that the server asks for', async () => {
    const receiver = await demanding()
    const exporter = exporterTo(receiver, { ca: authority.path, cert: client.cert, key: client.key })
    expect(await send(exporter)).toEqual(SUCCESS)
  })

  it('without a certificate is refused, and the message says which options to set', async () => {
    const receiver = await demanding()
    const result = await send(exporterTo(receiver, { ca: authority.path }))
    expect(result).toMatchObject(
      failure(/alert|certificate required|ECONNRESET|hang up|EPIPE/, '`tls.cert` and `tls.key`'),
    )
    expect(receiver.requests).toEqual([])
  })

  it('with a certificate of another authority is refused, and the message says which', async () => {
    const receiver = await demanding()
    const { certPath, keyPath } = stranger.make()
    const exporter = exporterTo(receiver, { ca: authority.path, cert: certPath, key: keyPath })
    expect(await send(exporter)).toMatchObject(failure(/./, `the client certificate in \`tls.cert\` (${certPath})`))
    expect(receiver.requests).toEqual([])
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
})
