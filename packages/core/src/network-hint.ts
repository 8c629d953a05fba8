// What to do about a request that got no answer: by the code of Node or OpenSSL, by their words where there is no code (gRPC
// hands on words only), and by where the request went.

import type { TlsSettings } from './settings.ts'
import { sourceOf } from './tls.ts'

/** Where a request went. */
export interface Target {
  url: string
  proxyEnv?: Readonly<Record<string, string>> | undefined
  tls?: TlsSettings | undefined
  isGrpc?: boolean | undefined
}

export const PROXY_CREDENTIALS_HINT: string =
  'a proxy asks for credentials: they belong into the URL in HTTP_PROXY or HTTPS_PROXY'
const GRPC_PORT = '4317'
const GRPC_HINT = 'port 4317 usually speaks gRPC: OTLP/HTTP has port 4318'

/** `C0A6BBE8:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../record.c:354:SSL alert number 48` */
const OPENSSL = /\b[0-9A-F]{8,}:error:[0-9A-F]{8}:[^:]*:[^:]*:([^:]+)(?::\S*\.c:\d+:(?:SSL alert number \d+)?)?/gi

/** An error's text in one line, of OpenSSL only the words: its numbers are other ones each time. */
export function inOneLine(text: string): string {
  return text.replace(OPENSSL, '$1').replace(/\s+/g, ' ').trim()
}

export function networkHint(code: string, text: string, target: Target): string | undefined {
  if (code === 'ERR_PROXY_TUNNEL' && / 407 /.test(text)) return PROXY_CREDENTIALS_HINT
  if (target.proxyEnv !== undefined) return 'requests go through the proxy of HTTP_PROXY or HTTPS_PROXY'
  const said = `${code} ${text}`
  const { port, protocol } = new URL(target.url)
  if (port === GRPC_PORT && !target.isGrpc && /^(HPE_|ECONNRESET|EPIPE|ERR_SSL|EPROTO)/.test(code)) return GRPC_HINT
  if (/ECONNREFUSED/.test(said)) {
    const what = target.isGrpc ? 'gRPC port (usually 4317)' : 'OTLP/HTTP port (usually 4318)'
    return `is the collector running, and is this its ${what}?`
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(said)) return 'is the host name in `endpoint` right?'
  if (code.startsWith('HPE_')) return 'this port does not speak HTTP/1.1: OTLP/HTTP usually has port 4318, gRPC 4317'
  if (target.isGrpc && /Protocol error/.test(said)) {
    return 'this port does not speak HTTP/2: gRPC usually has port 4317, OTLP/HTTP 4318'
  }
  const hint = certificateHint(said, target)
  if (hint !== undefined) return hint
  if (/EPROTO|ERR_SSL_(?:WRONG_VERSION|PACKET)|wrong version number|packet length/.test(said)) {
    return 'https asked of a port that speaks http?'
  }
  // Where TLS 1.3 refuses a client, the reset may come before the word about it.
  const isCut = /ECONNRESET|EPIPE|hang up|closed before HTTP/.test(said)
  if (!isCut) return undefined
  if (protocol === 'http:') return target.isGrpc ? 'does this port ask for TLS (https)?' : undefined
  const cert = target.tls?.cert
  return cert === undefined
    ? 'does the server ask for a client certificate? `tls.cert` and `tls.key` give one'
    : `does the server refuse the client certificate in ${sourceOf(cert)}?`
}

function certificateHint(said: string, { tls }: Target): string | undefined {
  if (/ALTNAME|does not match certificate/i.test(said)) {
    return 'the server certificate is for another host: is the one in `endpoint` among its names?'
  }
  if (
    /ALERT|alert/.test(said) &&
    /CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE|certificate|unknown ca|handshake/.test(said)
  ) {
    return tls?.cert === undefined
      ? 'the server asks for a client certificate: `tls.cert` and `tls.key`, or OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY'
      : `the server refuses the client certificate in ${sourceOf(tls.cert)}`
  }
  if (/CERT_HAS_EXPIRED|certificate has expired/.test(said)) return 'the server certificate is over: renew it there'
  if (/CERT|SELF_SIGNED|SIGNATURE|self-signed|unable to (?:verify|get)/.test(said)) {
    return tls?.ca === undefined
      ? 'no authority that Node trusts has signed the server certificate: name yours in `tls.ca` or OTEL_EXPORTER_OTLP_CERTIFICATE'
      : `no authority in ${sourceOf(tls.ca)} has signed the server certificate`
  }
  return undefined
}
