// What the user has a say in before a record goes anywhere: minimumSeverity, filter, transform, redact.
// - In this order: the severity is cheapest, and what hooks return is redacted, so that they cannot bring a secret back.
// - A hook that throws, or returns what is no answer, is an error: its record is dropped, as what a redactor could not look
//   at must not be sent.
// - A promise is no answer: a record is encoded when it is emitted. It is refused, and its rejection ends no app.

import type { LogRecord } from './record.ts'
import { createRedactor } from './redact.ts'
import type { Settings } from './settings.ts'

type HookSettings = Pick<Settings, 'minimumSeverity' | 'filter' | 'transform' | 'redact'>

/** Undefined: the record is left out. Throws what a hook throws. */
export type Hooks = (record: LogRecord) => LogRecord | undefined

export function createHooks({ minimumSeverity, filter, transform, redact }: HookSettings): Hooks {
  const redactor = redact === undefined ? undefined : createRedactor(redact)
  return (record) => {
    const { severityNumber } = record
    if (severityNumber > 0 && severityNumber < minimumSeverity) return undefined
    if (filter !== undefined && !answerOf('filter', filter(record))) return undefined
    const kept = transform === undefined ? record : recordOf(answerOf('transform', transform(record)))
    if (kept !== undefined) redactor?.(kept)
    return kept
  }
}

/** What is said of a hook that threw. */
export function textOfHookError(error: unknown): string {
  return `a filter, transform or redact rule threw (${error instanceof Error ? error.message : String(error)})`
}

function answerOf(hook: string, answer: unknown): unknown {
  if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then !== 'function') return answer
  Promise.resolve(answer).catch(() => {})
  throw new TypeError(`\`${hook}\` returned a promise, and no record waits for one`)
}

/** `null` leaves a record out as `undefined` does: both are what a JavaScript function returns for nothing. */
function recordOf(answer: unknown): LogRecord | undefined {
  if (answer === undefined || answer === null) return undefined
  const { attributes } = answer as LogRecord
  if (typeof attributes === 'object' && attributes !== null) return answer as LogRecord
  throw new TypeError('`transform` must return the record, or undefined to leave it out')
}
