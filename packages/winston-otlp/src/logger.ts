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
  const { transports } = logger
  const names = Array.isArray(transports) ? transports.map((transport: object) => transport.constructor?.name) : []
  if (names.includes('OpenTelemetryTransportV3')) {
    problems.push(['duplicate', 'OpenTelemetryTransportV3 is on the same logger: every record is sent twice'])
  }
  return problems
}
