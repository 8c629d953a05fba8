import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Certificate, CertificateAuthority } from '@otlp-logs/test-support'
import type { OtlpOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'
import type { TlsSettings } from './settings.ts'
import { renewed } from './tls.ts'

let authority: CertificateAuthority
let client: Certificate
let other: Certificate
let over: Certificate
let encrypted: string

beforeAll(() => {
  authority = new CertificateAuthority()
  client = authority.make()
  other = authority.make()
  over = authority.make({ days: -1 })
  encrypted = join(authority.folder, 'encrypted.key')
  execFileSync('openssl', ['pkey', '-in', client.keyPath, '-aes256', '-passout', 'pass:x', '-out', encrypted])
})

afterAll(() => authority.close())

const endpoint = 'https://collector:4318'

function resolve(options: OtlpOptions, env: Record<string, string> = {}): { tls: TlsSettings; warnings: string[] } {
  const { settings, warnings } = resolveOptions({ endpoint, ...options }, { env })
  return { tls: settings.tls!, warnings }
}

function messageOf(tls: unknown): string {
  try {
    resolveOptions({ endpoint, tls }, { env: {} })
  } catch (error) {
    if (error instanceof TypeError) return error.message
  }
  throw new Error('It threw no TypeError')
}

describe('the option `tls`', () => {
  it.each<[string, () => string | Uint8Array]>([
    ['PEM text', () => client.cert.toString()],
    ['a Buffer', () => client.cert],
    ['the bytes that a worker gets of a Buffer', () => structuredClone(client.cert)],
    ['the path of a file', () => client.certPath],
  ])('C14: takes %s', (_what, cert) => {
    const { tls, warnings } = resolve({ tls: { cert: cert(), key: client.keyPath, ca: authority.path } })
    expect(warnings).toEqual([])
    expect(tls.cert!.text).toBe(client.cert.toString())
    expect(tls.key!.text).toBe(client.key.toString())
    expect(tls.ca!.text).toBe(readFileSync(authority.path, 'utf8'))
  })

  it('takes a chain, and several authorities', () => {
    const both = `${readFileSync(authority.path, 'utf8')}# a comment\n${other.cert.toString()}`
    expect(resolve({ tls: { ca: both } }).tls.ca!.text).toBe(both)
  })

  it.each<[string, () => unknown, () => string]>([
    [
      'a number',
      () => ({ ca: 7 }),
      () => 'Expected `tls.ca` to be certificates in PEM text, or the path of a file with it, got a number',
    ],
    ['a file that is not there', () => ({ ca: '/no/ca.pem' }), () => 'got `/no/ca.pem`, which cannot be read (ENOENT)'],
    ['a folder', () => ({ ca: authority.folder }), () => 'which cannot be read (it is not a file)'],
    [
      'a file of something else',
      () => ({ ca: client.keyPath }),
      () => `${client.keyPath}\`, which holds no certificate`,
    ],
    ['a certificate as key', () => ({ cert: client.cert, key: client.certPath }), () => 'which holds no private key'],
    [
      'a broken certificate',
      () => ({ ca: client.cert.toString().replace(/^M.{20}/m, 'MIIB') }),
      () =>
        'Expected `tls.ca` to be certificates in PEM text, or the path of a file with it, got a text that is broken (',
    ],
    ['an encrypted key', () => ({ cert: client.cert, key: encrypted }), () => 'decrypt it with `openssl pkey`'],
    [
      'a key of another certificate',
      () => ({ cert: client.certPath, key: other.keyPath }),
      () => `\`tls.key\` (${other.keyPath}) is not the key of the certificate in \`tls.cert\` (${client.certPath})`,
    ],
    ['a certificate alone', () => ({ cert: client.cert }), () => '`tls.cert` needs its private key, too'],
    ['a key alone', () => ({ key: client.key }), () => '`tls.key` needs its certificate, too'],
  ])('C14: %s is a TypeError that says which option and file', (_what, tls, says) => {
    expect(messageOf(tls())).toContain(says())
  })

  it('shows no key, however it was given', () => {
    const body = client.key.toString().replace(/-----.*-----|\n/g, '')
    const given = [body, Buffer.from(body), `-----BEGIN PRIVATE KEY-----\n${body.slice(9)}\n-----END PRIVATE KEY-----`]
    for (const key of [...given, { key: body }, [body]]) {
      const message = messageOf({ cert: client.cert, key })
      expect(message).toContain('`tls.key`')
      for (let at = 0; at + 8 < body.length; at += 8) expect(message).not.toContain(body.slice(at, at + 8))
    }
  })

  it('has one warning where the endpoint is not https, and is checked all the same', () => {
    const options = { endpoint: 'http://collector:4318', tls: { ca: authority.path } }
    expect(resolve(options)).toEqual({ tls: undefined, warnings: ['Ignored `tls`, because the endpoint is not https'] })
    expect(() => resolve({ ...options, tls: { ca: '/no' } })).toThrow(TypeError)
  })

  it('says when the own certificate has expired, as nobody will accept it', () => {
    const { warnings } = resolve({ tls: { cert: over.certPath, key: over.keyPath } })
    expect(warnings).toEqual([
      expect.stringMatching(/^The certificate in `tls.cert` \(.+\) has expired \(.+\): renew it$/),
    ])
  })
})

describe('the variables', () => {
  it('C14: CERTIFICATE, CLIENT_KEY and CLIENT_CERTIFICATE name files, those for logs first', () => {
    const { tls, warnings } = resolve(
      {},
      {
        OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/ca.pem',
        OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: authority.path,
        OTEL_EXPORTER_OTLP_CLIENT_KEY: client.keyPath,
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certPath,
      },
    )
    expect(warnings).toEqual([])
    expect(tls).toEqual({
      ca: expect.objectContaining({ name: 'OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE', path: authority.path }),
      cert: expect.objectContaining({ text: client.cert.toString() }),
      key: expect.objectContaining({ text: client.key.toString() }),
    })
  })

  it('C14: one that is wrong is one warning that names variable and file, and is left out', () => {
    const { tls, warnings } = resolve(
      {},
      { OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/ca.pem', OTEL_EXPORTER_OTLP_CLIENT_KEY: 'TUlH'.repeat(20) },
    )
    expect(tls).toBeUndefined()
    expect(warnings).toEqual([
      'Ignored OTEL_EXPORTER_OTLP_CERTIFICATE: expected the path of a file with certificates in PEM text, got `/no/ca.pem`, which cannot be read (ENOENT). Using none.',
      'Ignored OTEL_EXPORTER_OTLP_CLIENT_KEY: expected the path of a file with a private key in PEM text, got a text (not shown) that cannot be read (ENOENT). Using none.',
    ])
  })

  it('C14: a key that does not match is one warning, and no certificate is shown to the server', () => {
    const { tls, warnings } = resolve(
      { tls: { ca: authority.path } },
      { OTEL_EXPORTER_OTLP_CLIENT_KEY: other.keyPath, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: client.certPath },
    )
    expect(tls).toMatchObject({ ca: { path: authority.path }, cert: undefined, key: undefined })
    expect(warnings).toEqual([
      expect.stringContaining('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, OTEL_EXPORTER_OTLP_CLIENT_KEY: '),
    ])
    expect(warnings[0]).toContain('is not the key of the certificate in')
  })

  it('are beaten by the options, the certificate and its key together', () => {
    const env = { OTEL_EXPORTER_OTLP_CLIENT_KEY: other.keyPath, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: other.certPath }
    const { tls, warnings } = resolve({ tls: { cert: client.cert, key: client.key } }, env)
    expect(warnings).toEqual([])
    expect(tls.cert!.name).toBe('tls.cert')
    expect(() => resolve({ tls: { cert: client.cert } }, env)).toThrow('`tls.cert` needs its private key, too')
  })

  it('are not looked at where the endpoint is not https', () => {
    const env = { OTEL_EXPORTER_OTLP_CERTIFICATE: '/no' }
    expect(resolve({ endpoint: 'http://collector:4318' }, env)).toEqual({ tls: undefined, warnings: [] })
  })
})

describe('files that change', () => {
  it('are read again once they are whole and belong together', () => {
    const [cert, key] = [join(authority.folder, 'renewed.crt'), join(authority.folder, 'renewed.key')]
    copyFileSync(client.certPath, cert)
    copyFileSync(client.keyPath, key)
    const { tls } = resolve({ tls: { ca: authority.path, cert, key } })
    expect(renewed(tls)).toBe(tls)
    writeFileSync(cert, other.cert.subarray(0, 100))
    expect(renewed(tls)).toBe(tls)
    writeFileSync(cert, other.cert)
    expect(renewed(tls)).toBe(tls)
    writeFileSync(key, other.key)
    expect(renewed(tls)).toMatchObject({ cert: { text: other.cert.toString(), path: cert }, key: { path: key } })
  })

  it('are not needed any more for what was given as text', () => {
    const { tls } = resolve({ tls: { cert: client.cert, key: client.key } })
    expect(renewed(tls)).toBe(tls)
  })
})
