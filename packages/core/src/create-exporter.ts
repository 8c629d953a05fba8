// The way out that the settings ask for: HTTP, or gRPC.

import type { Exporter } from './export.ts'
import { createGrpcExporter } from './grpc.ts'
import { createHttpExporter } from './http.ts'
import { RequestHeaders } from './request-headers.ts'
import type { Settings } from './settings.ts'

/** @param onSecrets told the values of headers that come later than the settings: no message may show them */
export function createExporter(
  settings: Settings,
  userAgent: string,
  onSecrets: (values: readonly string[]) => void,
): Exporter {
  const headers = new RequestHeaders({ ...settings, userAgent, onSecrets })
  const { protocol, compression } = settings
  // Settled as one that gRPC knows.
  if (protocol === 'grpc')
    return createGrpcExporter({ ...settings, headers, compression: compression as 'none' | 'gzip' })
  return createHttpExporter({ ...settings, headers })
}
