// Certificates and keys: the options `tls.ca`, `tls.cert` and `tls.key` and their variables, each as PEM text or as the path of
// a PEM file. What is wrong with them is known when a transport is made, and said with option or variable, and file.
// Invariants: no message shows key material, nor what might be some; files that change are read again by `renewed`.

import type { KeyObject, X509Certificate } from 'node:crypto'
import { type Check, type Complain, hidden, shownText, wrong } from './check.ts'
import { codeOf, readSmallFile } from './disk.ts'
import type { PlainTls } from './export.ts'
import type { Pem, TlsSettings } from './settings.ts'

// Loaded with the first certificate: most apps have none.
const crypto = () => process.getBuiltinModule('node:crypto')
const certificateOf = (text: string): X509Certificate => new (crypto().X509Certificate)(text)
const privateKeyOf = (text: string): KeyObject => crypto().createPrivateKey(text)

type Kind = 'certificates' | 'key'

const WHAT = { certificates: 'certificates in PEM text', key: 'a private key in PEM text' } as const
const LABEL = {
  certificates: /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^-]+-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g,
  key: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/g,
} as const

/** A text with these characters alone, and so many of them, is no path that anybody would write, but perhaps a key. */
const BASE64 = /^[A-Za-z0-9+/=\s]{48,}$/

/** PEM text, its bytes, or the path of a file with it. */
export function pem(kind: Kind): Check<Pem> & { readAs(variable: string): Check<Pem>['read'] } {
  const settle = (given: string, name: string): Pem | Flaw => {
    const isText = given.includes('-----BEGIN')
    const path = isText ? undefined : given
    try {
      const text = isText ? given : readSmallFile(given)
      const flaw = flawOf(text, kind)
      return flaw === undefined ? { text, name, path } : { flaw, path }
    } catch (error) {
      return { flaw: `cannot be read (${codeOf(error) ?? (error as Error).message})`, path }
    }
  }
  return {
    take(value, name) {
      const given = value instanceof Uint8Array ? Buffer.from(value).toString() : value
      if (typeof given !== 'string' || given === '') {
        throw wrong(name, `${WHAT[kind]}, or the path of a file with it`, hidden(value))
      }
      const settled = settle(given, name)
      if (!('flaw' in settled)) return settled
      throw wrong(name, `${WHAT[kind]}, or the path of a file with it`, described(settled))
    },
    read: () => undefined,
    readAs: (variable) => (text: string, complain: Complain) => {
      const settled = settle(text, variable)
      if (!('flaw' in settled)) return settled
      complain(`expected the path of a file with ${WHAT[kind]}, got ${described(settled)}`)
      return undefined
    },
  }
}

interface Flaw {
  flaw: string
  path: string | undefined
}

function described({ flaw, path }: Flaw): string {
  if (path === undefined) return `a text that ${flaw}`
  return BASE64.test(path) ? `a text (not shown) that ${flaw}` : `\`${shownText(path)}\`, which ${flaw}`
}

/** What is wrong with a text; undefined when it is what it should be. */
function flawOf(text: string, kind: Kind): string | undefined {
  const blocks = text.match(LABEL[kind]) ?? []
  if (blocks.length === 0) return kind === 'key' ? 'holds no private key' : 'holds no certificate'
  try {
    // Both throw at what they cannot read.
    const read = kind === 'key' ? [privateKeyOf(text)] : blocks.map((block) => certificateOf(block))
    return read.length === 0 ? 'is empty' : undefined
  } catch (error) {
    const isEncrypted = kind === 'key' && /ENCRYPTED/.test(text)
    if (isEncrypted) return 'is encrypted: decrypt it with `openssl pkey`, as there is nobody to ask for a passphrase'
    return `is broken (${(error as Error).message.replace(/\s+/g, ' ').trim()})`
  }
}

/** What is wrong with a certificate and its key together; undefined when they belong together. */
export function pairFlaw(cert: Pem | undefined, key: Pem | undefined): string | undefined {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined) return `${sourceOf(key!)} needs its certificate, too`
  if (key === undefined) return `${sourceOf(cert)} needs its private key, too`
  // The first certificate is the client's own; those behind it lead to an authority.
  if (certificateOf(cert.text).checkPrivateKey(privateKeyOf(key.text))) return undefined
  return `${sourceOf(key)} is not the key of the certificate in ${sourceOf(cert)}`
}

/** Each certificate that is over, for a warning; the server, or we, would refuse it. */
export function expiredIn({ ca, cert }: TlsSettings, now: number = Date.now()): string[] {
  return [ca, cert].flatMap((one) => {
    // An authority among others may be over, and nobody needs it.
    const all = (one?.text.match(LABEL.certificates) ?? []).map((block) => certificateOf(block))
    const relevant = one === ca ? all : all.slice(0, 1)
    const isOver = relevant.length > 0 && relevant.every(({ validTo }) => Date.parse(validTo) < now)
    return isOver ? [`The certificate in ${sourceOf(one!)} has expired (${relevant[0]!.validTo}): renew it`] : []
  })
}

/** Where it comes from, for people: `` `tls.ca` (/etc/ssl/ca.pem) ``. */
export function sourceOf({ name, path }: Pem): string {
  const where = path === undefined ? '' : ` (${shownText(path)})`
  return `${name.startsWith('tls.') ? `\`${name}\`` : name}${where}`
}

/** The settings with files read again, where they have changed and are right; otherwise the same object. */
export function renewed(tls: TlsSettings): TlsSettings {
  const again = {
    ca: readAgain(tls.ca, 'certificates'),
    cert: readAgain(tls.cert, 'certificates'),
    key: readAgain(tls.key, 'key'),
  }
  if (again.ca === tls.ca && again.cert === tls.cert && again.key === tls.key) return tls
  // Between the writing of two files, they do not belong together.
  return pairFlaw(again.cert, again.key) === undefined ? again : tls
}

function readAgain(one: Pem | undefined, kind: Kind): Pem | undefined {
  if (one?.path === undefined) return one
  try {
    const text = readSmallFile(one.path)
    return text === one.text || flawOf(text, kind) !== undefined ? one : { ...one, text }
  } catch {
    return one
  }
}

export function plainTls({ ca, cert, key }: TlsSettings): PlainTls {
  return { ...(ca && { ca: ca.text }), ...(cert && { cert: cert.text }), ...(key && { key: key.text }) }
}
