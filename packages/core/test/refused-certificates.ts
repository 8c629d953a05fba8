// Certificates that no client may accept, and what it says then: by each protocol the same.

import type { Certificate, CertificateAuthority } from '@otlp-logs/test-support'
import type { TlsOptions } from '../src/tls-options.ts'

interface Parties {
  authority: CertificateAuthority
  /** An authority that has signed none of the others. */
  stranger: CertificateAuthority
  server: Certificate
}

/** What is wrong with it, the server's certificate, the client's options, the host it asks, what it says, and the hint. */
export type RefusedCertificate = [
  string,
  (parties: Parties) => Certificate,
  (parties: Parties) => TlsOptions,
  string,
  RegExp,
  (parties: Parties) => string,
]

export const REFUSED_CERTIFICATES: readonly RefusedCertificate[] = [
  [
    'of an authority that is not known',
    ({ server }) => server,
    () => ({}),
    '127.0.0.1',
    /unable to verify|self-signed/,
    () => 'name yours in `tls.ca` or OTEL_EXPORTER_OTLP_CERTIFICATE',
  ],
  [
    'of another authority',
    ({ server }) => server,
    ({ stranger }) => ({ ca: stranger.path }),
    '127.0.0.1',
    /unable to verify|self-signed|unable to get|signature/,
    ({ stranger }) => `no authority in \`tls.ca\` (${stranger.path}) has signed the server certificate`,
  ],
  [
    'that is self-signed',
    ({ authority }) => authority.make({ selfSigned: true }),
    ({ authority }) => ({ ca: authority.path }),
    '127.0.0.1',
    /self-signed certificate/,
    () => 'has signed the server certificate',
  ],
  [
    'that has expired',
    ({ authority }) => authority.make({ days: -1 }),
    ({ authority }) => ({ ca: authority.path }),
    '127.0.0.1',
    /certificate has expired/,
    () => 'renew it there',
  ],
  [
    'for another host',
    ({ server }) => server,
    ({ authority }) => ({ ca: authority.path }),
    'localhost',
    /does not match certificate/,
    () => 'is the one in `endpoint` among its names?',
  ],
]
