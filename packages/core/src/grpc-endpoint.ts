// Where gRPC goes: from `endpoint`, `url` or their variables to `http://host:port` or `https://host:port`, which is also what
// decides on TLS. Without a scheme, OTEL_EXPORTER_OTLP_INSECURE decides (protocol/exporter.md, Endpoint URLs and Insecure).

import { type Check, shown, shownText, wrong } from './check.ts'
import { takeUserinfo } from './endpoint.ts'
import type { Environment, Variable } from './environment.ts'
import type { Headers } from './headers.ts'

const HTTP_PORT = '4318'
const LOGS_PATH = '/v1/logs'

const EXPECTED = 'a URL with http:// or https://, or host:port'

/** A URL, or `host:port`, which settles as `//host:port`. */
export function grpcEndpoint(): Check<string> {
  return {
    take: (value, name) => {
      const settled = typeof value === 'string' ? settle(value) : undefined
      if (settled === undefined) throw wrong(name, EXPECTED, shown(value))
      return settled
    },
    read: (text, complain) => {
      const settled = settle(text)
      if (settled === undefined) complain(`expected ${EXPECTED}`)
      return settled
    },
  }
}

function settle(text: string): string | undefined {
  if (/^https?:\/\//i.test(text)) return URL.canParse(text) ? new URL(text).href : undefined
  if (/^[^/]*:\/\//.test(text) || !URL.canParse(`http://${text}`)) return undefined
  return `//${text}`
}

/**
 * The final URL, and warnings about what looks like a mistake.
 * @param insecure read only where there is no scheme
 */
export function settleGrpcEndpoint(
  full: string,
  headers: Headers,
  insecure: () => boolean,
  warn: (warning: string) => void,
): { url: string; headers: Headers } {
  const given = full.startsWith('//') ? `${insecure() ? 'http' : 'https'}:${full}` : full
  const parsed = new URL(given)
  if (parsed.port === HTTP_PORT) {
    const better = shownText(parsed.origin).replace(`:${HTTP_PORT}`, ':4317')
    warn(
      `The endpoint has port ${HTTP_PORT}, where collectors expect OTLP over HTTP; gRPC usually has 4317. Perhaps \`${better}\`.`,
    )
  }
  if (parsed.pathname !== '/' && parsed.pathname !== LOGS_PATH) {
    warn(`Ignored the path \`${shownText(parsed.pathname)}\` of the endpoint: gRPC has none`)
  }
  return { url: parsed.origin, headers: takeUserinfo(parsed, headers) }
}

/** Whether an endpoint without a scheme is asked without TLS. */
export function readInsecure(environment: Environment): boolean {
  const names = ['OTEL_EXPORTER_OTLP_LOGS_INSECURE', 'OTEL_EXPORTER_OTLP_INSECURE']
  const variables = names.map((name): Variable<boolean> => ({
    name,
    read(text, complain) {
      const word = text.toLowerCase()
      if (word !== 'true' && word !== 'false') complain('expected true or false')
      return word === 'true' ? true : word === 'false' ? false : undefined
    },
  }))
  return environment.first(variables, false) ?? false
}
