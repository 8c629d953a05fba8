// A connection of @grpc/grpc-js, in our manner: no back-off, no retries, no pool and no look-ups of its own; it never keeps the
// process alive, and never asks a proxy for this machine.

import type { Grpc, GrpcClient, GrpcCredentials } from './grpc-package.ts'
import { isLoopback } from './proxy.ts'
import type { TlsSettings } from './settings.ts'

export interface GrpcConnectionOptions {
  /** `http://host:port` for plaintext, `https://host:port` for TLS. */
  url: string
  compression: 'none' | 'gzip'
  userAgent: string
  tls: TlsSettings | undefined
}

const GZIP = 2
/** As over HTTP: what an answer has to say takes some hundred bytes. An odd number, known again in the package's words. */
export const MAX_ANSWER_BYTES: number = 64 * 1024 + 1

const CHANNEL_OPTIONS = {
  // A connection that failed is not waited for; there is a new one.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  // One lookup less: nobody but us configures this client.
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_channelz': 0,
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
  'grpc.max_send_message_length': -1,
}

export function connectGrpc(grpc: Grpc, options: GrpcConnectionOptions): GrpcClient {
  const { url, compression, userAgent, tls } = options
  return new grpc.Client(targetOf(url), credentialsOf(url, grpc, tls), {
    ...CHANNEL_OPTIONS,
    'grpc.primary_user_agent': userAgent,
    'grpc.enable_http_proxy': isLoopback(new URL(url).hostname) ? 0 : 1,
    ...(compression === 'gzip' && { 'grpc.default_compression_algorithm': GZIP }),
  })
}

/** The port is named always: the package's default is 443, whatever the scheme. */
function targetOf(url: string): string {
  const { protocol, hostname, port } = new URL(url)
  return `dns:${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
}

function credentialsOf(
  url: string,
  { credentials: { createSsl, createInsecure } }: Grpc,
  tls: TlsSettings | undefined,
): GrpcCredentials {
  if (!url.startsWith('https:')) return unreferenced(createInsecure())
  const bytes = (pem: { text: string } | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem.text))
  return unreferenced(createSsl(bytes(tls?.ca), bytes(tls?.key), bytes(tls?.cert)))
}

/** The package has no documented way to its socket. */
const CREATE = '_createSecureConnector'

/** The package lets a request under way keep the process alive: until its deadline, when the server hangs. */
function unreferenced(credentials: GrpcCredentials): GrpcCredentials {
  const { [CREATE]: create } = credentials
  if (create === undefined) return credentials
  credentials[CREATE] = (...args) => {
    const connector = create.apply(credentials, args)
    const { connect, connectionOptions } = connector
    // Node warns of an address where a name belongs.
    if (isAddress(connectionOptions?.servername)) connectionOptions!.servername = undefined
    connector.connect = async (socket) => {
      const connected = await connect.call(connector, socket)
      connected.socket.ref = () => connected.socket
      return connected
    }
    return connector
  }
  return credentials
}

function isAddress(host: string | undefined): boolean {
  return host !== undefined && (host.includes(':') || /^\d+(?:\.\d+){3}$/.test(host))
}
