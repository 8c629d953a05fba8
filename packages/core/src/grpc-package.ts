// @grpc/grpc-js, which apps install that ask for gRPC, and which is loaded only then. Its types are told here as far as they
// are used, so that nobody needs it to compile.

// Not by its name: bundles have a banner that imports `createRequire`.
import * as nodeModule from 'node:module'

export const GRPC_PACKAGE: string = '@grpc/grpc-js'
export const INSTALL_GRPC: string = `npm install ${GRPC_PACKAGE}`

export interface GrpcMetadata {
  set(key: string, value: string | Buffer): void
  get(key: string): (string | Buffer)[]
}

/** What became of a call. */
export interface GrpcStatus {
  code: number
  details: string
  metadata: GrpcMetadata
}

export interface GrpcCall {
  cancel(): void
  on(event: 'metadata', listener: () => void): unknown
  on(event: 'status', listener: (status: GrpcStatus) => void): unknown
}

export interface GrpcClient {
  makeUnaryRequest(
    path: string,
    serialize: (bytes: Buffer) => Buffer,
    deserialize: (bytes: Buffer) => Buffer,
    bytes: Buffer,
    metadata: GrpcMetadata,
    options: object,
    callback: (error: unknown, answer?: Buffer) => void,
  ): GrpcCall
  close(): void
}

/** A `net.Socket`, or one of TLS. */
export interface GrpcSocket {
  connecting: boolean
  ref(): unknown
  destroy(): unknown
  setKeepAlive(enable: boolean, delayMillis: number): unknown
  once(event: 'close', listener: () => void): unknown
  once(event: 'connectionAttempt', listener: (address: string, port: number) => void): unknown
}

/** How a connection is made: an interface of the package that it does not document, and so may not be there. */
export interface GrpcCredentials {
  _createSecureConnector?: (...args: never[]) => {
    connectionOptions?: { servername?: string | undefined }
    waitForReady(): Promise<void>
    connect(socket: GrpcSocket): Promise<{ socket: GrpcSocket }>
  }
}

export interface Grpc {
  Client: new (target: string, credentials: GrpcCredentials, options: Record<string, string | number>) => GrpcClient
  Metadata: new () => GrpcMetadata
  credentials: {
    createInsecure(): GrpcCredentials
    createSsl(ca: Buffer | null, key: Buffer | null, cert: Buffer | null): GrpcCredentials
  }
}

/**
 * Rejects when it is not there, or not whole, with the code GRPC_PACKAGE and perhaps a `hint`. The next call tries anew:
 * by `require` where we are installed: an `import()` that failed once fails for the life of a process, and what it failed for
 * may pass (no file descriptor left, an installation under way).
 */
export async function loadGrpc(): Promise<Grpc> {
  try {
    const require = ownRequire()
    // A bundler takes it in where it is installed, and lets it be where it is not.
    const loaded = (require ? require(GRPC_PACKAGE) : await import('@grpc/grpc-js')) as Grpc & { default?: Grpc }
    return whole(loaded.default ?? loaded)
  } catch (error) {
    throw toLoadError(error)
  }
}

/** Whether it is missing for sure: in a bundle nobody knows, before it is loaded. */
export function isGrpcMissing(): boolean {
  const require = ownRequire()
  if (require === undefined) return false
  try {
    require.resolve(GRPC_PACKAGE)
    return false
  } catch {
    return true
  }
}

/** As from this package; undefined in a bundle, which may lie anywhere. */
function ownRequire(): NodeJS.Require | undefined {
  try {
    const require = nodeModule.createRequire(import.meta.url)
    return (require('../package.json') as { name?: unknown }).name === 'otlp-logs-core' ? require : undefined
  } catch {
    return undefined
  }
}

/** A module that is loaded while it is being loaded, or when its loading was cut short, lacks what comes last in it. */
function whole(grpc: Partial<Grpc>): Grpc {
  const { Client, Metadata, credentials } = grpc
  const parts = { Client, Metadata, 'credentials.createSsl': credentials?.createSsl }
  const lacking = Object.entries(parts).find(([, part]) => typeof part !== 'function')
  if (lacking) throw new Error(`it has no ${lacking[0]}`)
  return grpc as Grpc
}

function toLoadError(cause: unknown): Error {
  const { code, message } = cause as { code?: unknown; message?: unknown }
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    const missing = new Error(`\`protocol: 'grpc'\` needs the package ${GRPC_PACKAGE}`)
    return Object.assign(missing, { code: GRPC_PACKAGE, hint: INSTALL_GRPC, cause })
  }
  const [reason] = String(message ?? cause).split('\n')
  const broken = new Error(`the package ${GRPC_PACKAGE} could not be loaded: ${reason}`)
  return Object.assign(broken, { code: GRPC_PACKAGE, cause })
}
