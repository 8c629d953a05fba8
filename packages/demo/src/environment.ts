// What the services are told: by the variables that every OpenTelemetry SDK reads, and nothing else.

import { createServer } from 'node:net'
import { once } from 'node:events'

/** The demo's own environment without settings that would send logs elsewhere; those for credentials stay with `keep`. */
export function environmentFor(endpoint: string, keep: boolean): NodeJS.ProcessEnv {
  const kept = /^OTEL_EXPORTER_OTLP_(LOGS_)?(HEADERS|CERTIFICATE|CLIENT_KEY|CLIENT_CERTIFICATE|PROTOCOL|COMPRESSION)$/
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith('OTEL_') || (keep && kept.test(name)))
  return { ...Object.fromEntries(env), OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, PORT: '0' }
}

/** Where nobody listens. */
export async function closedEndpoint(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}
