// What came of the lines: each is paired with its record, and whatever is not as it should be becomes one sentence.

import type { ReceivedRecord } from '@otlp-logs/test-support'
import { NAMES } from './arguments.ts'
import type { SentOrder } from './requests.ts'
import type { Line } from './service.ts'

export interface Pair {
  line: Line
  record: ReceivedRecord | undefined
}

/** Each line with the record of the same service, time and message; `left` are the records that no line asked for. */
export function pairUp(lines: Line[], records: ReceivedRecord[]): { pairs: Pair[]; left: ReceivedRecord[] } {
  const left = [...records]
  const pairs = lines.map((line) => {
    const index = left.findIndex(({ resource, timeUnixNano, body }) => {
      // winston's timestamp is written by a format, a moment after the log call whose time the record has.
      const late = line.timeMillis - Number(timeUnixNano / 1_000_000n)
      return resource['service.name'] === line.service && body === line.message && late >= 0 && late < 1000
    })
    return { line, record: index === -1 ? undefined : left.splice(index, 1)[0] }
  })
  return { pairs, left }
}

/**
 * By time, for `toSorted`. Within a millisecond, the service that is called has its say before its caller goes on: of
 * `orders`, only what it logs before it calls comes first.
 */
export function byTime(a: Line, b: Line): number {
  const rank = ({ service, fields }: Line): number => (service === NAMES[1] ? 1 : 'item' in fields ? 0 : 2)
  return a.timeMillis - b.timeMillis || rank(a) - rank(b)
}

export function findProblems(pairs: Pair[], left: ReceivedRecord[], orders: SentOrder[]): string[] {
  return [
    ...findLosses(pairs),
    ...left.map(({ body }) => `A record arrived that no line on stdout stands for: ${JSON.stringify(body)}`),
    ...pairs.flatMap((pair) => findWrongIds(pair, orders)),
    ...orders.flatMap((order) => findGaps(pairs, order)),
  ]
}

function findLosses(pairs: Pair[]): string[] {
  return NAMES.flatMap((name) => {
    const own = pairs.filter(({ line }) => line.service === name)
    const lost = own.filter(({ record }) => record === undefined)
    if (lost.length === 0) return []
    const some = lost.slice(0, 2).map(quote).join(', ')
    const more = lost.length > 2 ? ` and ${lost.length - 2} more` : ''
    return [`${name}: no record arrived for ${lost.length} of ${own.length} lines: ${some}${more}`]
  })
}

/** What is logged for a request, which is what has a reqId, belongs to the trace of one of the orders. */
function findWrongIds({ line, record }: Pair, orders: SentOrder[]): string[] {
  if (record === undefined) return []
  const { traceId, spanId } = record
  const problems: string[] = []
  const say = (what: string): void => void problems.push(`${line.service}: the record of ${quote({ line })} ${what}`)
  if ('reqId' in line.fields) {
    if (traceId === '' || spanId === '') say('has no trace id')
    else if (!orders.some((order) => order.traceId === traceId)) say(`has trace id ${traceId}, which no order has`)
  } else if (traceId !== '') say('has a trace id, but was logged outside a request')
  const { trace_id: printed = traceId, span_id: printedSpan = spanId } = line.fields
  if (printed !== traceId || printedSpan !== spanId) say('has other ids than the line')
  return problems
}

/** Both services log each order under its trace, and an order that fails leaves an exception on both sides. */
function findGaps(pairs: Pair[], { traceId, title, status, expectedStatus }: SentOrder): string[] {
  const problems: string[] = []
  if (status !== expectedStatus) problems.push(`The order of ${title} was answered ${status}, not ${expectedStatus}`)
  for (const name of NAMES) {
    const records = pairs.flatMap(({ line, record }) => (line.service === name && record ? [record] : []))
    const own = records.filter((record) => record.traceId === traceId)
    if (records.length === 0) continue // said by findLosses
    if (own.length === 0) problems.push(`${name}: no record has the trace id of the order of ${title}`)
    if (expectedStatus < 500 || own.some(({ attributes }) => 'exception.type' in attributes)) continue
    problems.push(`${name}: no record of the order of ${title} has an exception`)
  }
  return problems
}

function quote({ line }: { line: Line }): string {
  return JSON.stringify(line.message)
}
