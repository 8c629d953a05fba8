// Loggers, seen from a transport.

import { type Info, type LoggerLike } from './info.ts'

/** The logger behind a child of it: transports can be added and removed through either. */
export function loggerOf(source: unknown): LoggerLike {
  let logger = source as Info
  while (!Object.hasOwn(logger, '_readableState')) {
    const parent = Object.getPrototypeOf(logger) as Info | null
    if (parent === null) return source as LoggerLike
    logger = parent
  }
  return logger as unknown as LoggerLike
}

/** Set-ups that would silently ship nothing, or everything twice, by kind. */
export function setupProblems(logger: LoggerLike, transportLevel: string | undefined): [kind: string, text: string][] {
  const problems: [string, string][] = []
  const level = transportLevel ?? logger.level
  const levels = Object.keys((logger.levels ?? {}) as object)
  if (typeof level === 'string' && levels.length > 0 && !levels.includes(level)) {
    const hint = `set \`level\` to one of ${levels.join(', ')}`
    problems.push(['level', `the logger has no level "${level}", so that nothing is sent: ${hint}`])
  }
  if (isAlsoSent(logger)) problems.push(['duplicate', ALSO_SENT])
  return problems
}

const ALSO_SENT =
  'every record is sent twice, as OpenTelemetryTransportV3 is on the same logger: take it off; or, where it was added by ' +
  'the package @opentelemetry/instrumentation-winston, give that `disableLogSending: true`; or leave this transport out'

/** The transport of OpenTelemetry, by its name; whether it sends is asked of its Logger: no, while nobody has set up logs. */
function isAlsoSent({ transports }: LoggerLike): boolean {
  if (!Array.isArray(transports)) return false
  return transports.some((transport: { _logger?: { enabled?(): boolean } }) => {
    if (transport.constructor?.name !== 'OpenTelemetryTransportV3') return false
    return transport._logger?.enabled?.() !== false
  })
}
