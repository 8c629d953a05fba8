// A connection of @grpc/grpc-js, in our manner: no back-off, no retries, no pool, no look-ups and no proxy of its own
// choice. When it is cut, its sockets are gone, which the package sees to only where the server has answered.

import { ConnectionSockets } from './connection-sockets.ts'
import type { Grpc, GrpcClient, GrpcCredentials } from './grpc-package.ts'
import type { ProxyEnv } from './proxy.ts'
import type { TlsSettings } from './settings.ts'

export interface GrpcConnectionOptions {
  /** `http://host:port` for plaintext, `https://host:port` for TLS. */
  url: string
  compression: 'none' | 'gzip'
  userAgent: string
  tls: TlsSettings | undefined
  /** The proxy is that of HTTPS_PROXY, with TLS or without. */
  proxyEnv: ProxyEnv | undefined
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
  // We read the variables ourselves.
  'grpc.enable_http_proxy': 0,
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
  'grpc.max_send_message_length': -1,
}

export class GrpcConnection {
  readonly client: GrpcClient
  /** Whether an answer has come by it. */
  isUsed = false
  #calls = 0
  #isRetired = false
  readonly #sockets: ConnectionSockets

  constructor(grpc: Grpc, { url, compression, userAgent, tls, proxyEnv }: GrpcConnectionOptions) {
    const { target, port, ...through } = destinationOf(url, proxyEnv?.['HTTPS_PROXY'])
    this.#sockets = new ConnectionSockets(port)
    const credentials = this.#sockets.watch(credentialsOf(url, grpc, tls))
    this.client = new grpc.Client(target, credentials, {
      ...CHANNEL_OPTIONS,
      ...through,
      'grpc.primary_user_agent': userAgent,
      ...(compression === 'gzip' && { 'grpc.default_compression_algorithm': GZIP }),
    })
  }

  /** A call by it has begun. */
  begun(): void {
    this.#calls++
  }

  ended(): void {
    this.#calls--
    if (this.#isRetired && this.#calls === 0) this.cut()
  }

  /** Ends it when its calls have ended. */
  retire(): void {
    this.#isRetired = true
    if (this.#calls === 0) this.cut()
  }

  cut(): void {
    this.client.close()
    this.#sockets.destroy()
  }
}

/** Where to connect, and what to ask for there. */
function destinationOf(
  url: string,
  proxy: string | undefined,
): { target: string; port: number } & Record<string, string | number> {
  const target = `dns:${new URL(url).hostname}:${portOf(url)}`
  if (proxy === undefined) return { target, port: portOf(url) }
  const { hostname, username, password } = new URL(proxy)
  const port = portOf(proxy)
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return {
    target: `dns:${hostname}:${port}`,
    port,
    'grpc.http_connect_target': target,
    'grpc.default_authority': new URL(url).host,
    ...(credentials !== ':' && { 'grpc.http_connect_creds': credentials }),
  }
}

/** Named always: the package's default is 443, whatever the scheme. */
function portOf(url: string): number {
  const { protocol, port } = new URL(url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

function credentialsOf(
  url: string,
  { credentials: { createSsl, createInsecure } }: Grpc,
  tls: TlsSettings | undefined,
): GrpcCredentials {
  if (!url.startsWith('https:')) return createInsecure()
  const bytes = (pem: { text: string } | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem.text))
  return createSsl(bytes(tls?.ca), bytes(tls?.key), bytes(tls?.cert))
}
