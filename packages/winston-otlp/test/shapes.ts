// Entries as a table: a log call, the options of its logger, and what arrives of it, exactly.

import type { ReceivedRecord } from '@otlp-logs/test-support'
import winston from 'winston'
import { type Logger, plainly } from './ship.ts'

export interface Expected {
  body?: unknown
  /** All but `exception.*`. */
  attributes?: object
  /** Type and message. */
  exception?: [string, string]
  /** @default info */
  severity?: [string, number]
}

export type Row = [call: string, log: (logger: Logger) => unknown, expected: Expected, logger?: winston.LoggerOptions]

const { format } = winston
export const JSON_FORMAT: winston.Logform.Format = format.json()
export const METADATA: winston.Logform.Format = format.combine(
  format.errors({ stack: true }),
  format.metadata(),
  JSON_FORMAT,
)
export const LOGSTASH: winston.Logform.Format = format.combine(
  format.errors({ stack: true }),
  format.timestamp(),
  format.logstash(),
)

export function expectShape(record: ReceivedRecord | undefined, expected: Expected): void {
  const { body, attributes = {}, exception = [undefined, undefined], severity = ['info', 9] } = expected
  const { 'exception.type': type, 'exception.message': message, ...others } = record!.attributes
  const { 'exception.stacktrace': stack, ...rest } = others
  expect(plainly(record!.body)).toEqual(body)
  expect(plainly(rest)).toEqual(attributes)
  expect([type, message]).toEqual(exception)
  expect(typeof stack).toBe(expected.exception === undefined ? 'undefined' : 'string')
  expect([record!.severityText, record!.severityNumber]).toEqual(severity)
}
