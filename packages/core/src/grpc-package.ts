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

/** Rejects when it is not there. */
export async function loadGrpc(): Promise<Grpc> {
  // A bundler takes it in where it is installed, and lets it be where it is not.
  try {
    const loaded = (await import('@grpc/grpc-js')) as unknown as Grpc & { default?: Grpc }
    return loaded.default ?? loaded
  } catch (error) {
    throw Object.assign(new Error(`\`protocol: 'grpc'\` needs the package ${GRPC_PACKAGE}`), {
      code: GRPC_PACKAGE,
      cause: error,
    })
  }
}

/** Whether it is missing for sure: in a bundle nobody knows, before it is loaded. */
export function isGrpcMissing(): boolean {
  try {
    const require = nodeModule.createRequire(import.meta.url)
    if ((require('../package.json') as { name?: unknown }).name !== 'otlp-logs-core') return false
    try {
      require.resolve(GRPC_PACKAGE)
      return false
    } catch {
      return true
    }
  } catch {
    return false
  }
}
