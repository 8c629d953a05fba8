// What the SDK's gRPC exporter is given: metadata and credentials are objects of @grpc/grpc-js, of the very copy that the
// exporter uses, since it refuses those of another.

import { createRequire } from 'node:module'
import type { Grpc } from './grpc-package.ts'
import { putMetadata } from './metadata.ts'
import type { Settings } from './settings.ts'

/** @param exporterPath the file of the exporter's package. Throws when it has no such package. */
export function sdkGrpcOptions({ headers, url, tls }: Settings, exporterPath: string): object {
  const grpc = grpcOf(exporterPath)
  const metadata = new grpc.Metadata()
  putMetadata(metadata, headers)
  if (tls === undefined || !url.startsWith('https:')) return { metadata }
  const bytes = (pem: { text: string } | undefined): Buffer | null => (pem === undefined ? null : Buffer.from(pem.text))
  return { metadata, credentials: grpc.credentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.cert)) }
}

function grpcOf(exporterPath: string): Grpc {
  const base = createRequire(exporterPath).resolve(`@opentelemetry/${BASE}`)
  return createRequire(base)('@grpc/grpc-js') as Grpc
}

const BASE = 'otlp-grpc-exporter-base'
