// What the demo can be told on its command line.

import { parseArgs } from 'node:util'

export const NAMES = ['orders', 'payments'] as const
export type Name = (typeof NAMES)[number]

export interface Arguments {
  help: boolean
  /** Where to send instead of to the demo's own receiver. */
  endpoint: string | undefined
  /** The service whose records are to be lost. */
  lose: Name | undefined
}

export const HELP = `Usage: npm run demo [-- options]

Starts two services, one with pino and one with winston, traced by OpenTelemetry, sends them three
orders, and shows each line that they print beside the LogRecord that arrived for it by OTLP; then
all lines by trace.

  --endpoint <url>   send to this OTLP endpoint instead of to a receiver of the demo's own; /v1/logs is appended.
                     OTEL_EXPORTER_OTLP_HEADERS is honoured, for credentials
  --lose <service>   let "orders" or "payments" send to a closed port, to see what becomes of a loss
  --help

NO_COLOR and FORCE_COLOR are honoured. Exit code: 0 when every line arrived, 1 when not, 2 for a wrong option.
`

/** @throws Error that says what is wrong with the arguments */
export function parseArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: { help: { type: 'boolean', short: 'h' }, endpoint: { type: 'string' }, lose: { type: 'string' } },
  })
  const { help = false, endpoint, lose } = values
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) {
    throw new Error(`Expected --endpoint to be an http or https URL, got "${endpoint}"`)
  }
  if (lose !== undefined && !isName(lose)) {
    throw new Error(`Expected --lose to be ${NAMES.join(' or ')}, got "${lose}"`)
  }
  return { help, endpoint, lose }
}

function isName(text: string): text is Name {
  return (NAMES as readonly string[]).includes(text)
}
