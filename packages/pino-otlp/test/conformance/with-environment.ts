// Loggers that are made under a set of environment variables, and what comes of one line of theirs.

import type { ReceivedRequest, Receiver } from '@otlp-logs/test-support'
import type { OtlpOptions } from 'pino-otlp'
import { logTo, type Source } from './scripted.ts'

export type Env = Record<string, string>

export interface Reporting extends Source {
  /** All messages so far. */
  said: string[]
  /** The first message. */
  report: Promise<string>
}

/** A logger on this thread, made while these variables are set, and no others of OpenTelemetry. */
export function logWith(env: Env, receiver?: Receiver, options: OtlpOptions = {}): Reporting {
  const said: string[] = []
  let tell: (message: string) => void
  const report = new Promise<string>((resolve) => (tell = resolve))
  const onReport: OtlpOptions['onReport'] = ({ level, message }) => {
    tell(message)
    if (level === 'warn') said.push(message)
  }
  const before = process.env
  const others = Object.entries(before).filter(([name]) => !name.startsWith('OTEL_'))
  process.env = { ...Object.fromEntries(others), ...env }
  try {
    const source = logTo(receiver, 'otlpStream', {
      onReport,
      scheduledDelayMillis: 0,
      closeTimeoutMillis: 0,
      ...options,
    })
    return { ...source, said, report }
  } finally {
    process.env = before
  }
}

/** The request that one line becomes, where the environment names the endpoint, or nothing does but the receiver. */
export async function requestWith(receiver: Receiver, env: Env, options?: OtlpOptions): Promise<ReceivedRequest> {
  const named = options !== undefined || Object.keys(env).some((name) => name.endsWith('ENDPOINT'))
  const { logger, transport } = logWith(env, named ? undefined : receiver, options)
  logger.info('line')
  await transport.flush()
  expect(receiver.problems).toEqual([])
  return receiver.requests.at(-1)!
}
