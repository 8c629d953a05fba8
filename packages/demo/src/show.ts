// What the demo prints: text for people, at most 100 columns wide, in colour where the terminal has it (`styleText` looks
// at isTTY, NO_COLOR and FORCE_COLOR).

import { styleText } from 'node:util'
import type { ReceivedRecord } from '@otlp-logs/test-support'
import { NAMES, type Name } from './arguments.ts'
import type { Pair } from './judge.ts'
import { hang, wrap } from './layout.ts'
import type { SentOrder } from './requests.ts'
import type { Line } from './service.ts'

const NAME_WIDTH = Math.max(...NAMES.map(({ length }) => length))
const COLORS = { orders: 'cyan', payments: 'magenta' } as const
const SET_UPS = {
  orders: 'Fastify, pino, worker target',
  payments: 'Express, winston, OtlpTransport',
}
/** Before a line and before its record. */
const LABEL_WIDTH = NAME_WIDTH + 10
/** The checkout, as it stands in stacks. */
const ROOT = new URL('../../../', import.meta.url).href

const dim = (text: string): string => styleText('dim', text)
const showId = (id: string): string => styleText('yellow', id)

export function print(...lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

export function printTitle(title: string): void {
  print('', styleText('bold', title), '')
}

/** A service, and how its logger is set up. */
export function showService(name: Name, url: string): string {
  return `  ${showName(name)}  ${url}  ${SET_UPS[name].padEnd(31)}  ${dim(`packages/demo/src/${name}.mjs`)}`
}

export function showEndpoint(endpoint: string, what: string): string {
  return `  ${'OTLP'.padEnd(NAME_WIDTH)}  ${endpoint.replace(/\/\/[^/@]*@/, '//')}  ${what}`
}

/** What a service printed beside its log. */
export function showOther(name: Name, text: string): string {
  return `  ${showName(name)}  ${styleText('yellow', text)}`
}

function showName(name: Name): string {
  return styleText(COLORS[name], name.padEnd(NAME_WIDTH))
}

export function showOrder({ title, status, traceId }: SentOrder): string {
  const answer = styleText(status < 400 ? 'green' : 'red', String(status))
  return `  POST /orders  ${title.padEnd(10)}  answered ${answer}   trace ${showId(traceId)}`
}

/** A line of stdout, broken where it is too wide and with its stack cut, but otherwise as it is. */
export function showLine({ service, text }: Line): string[] {
  const short = text.replace(/("stack":"(?:[^"\\]|\\.){20})(?:[^"\\]|\\.)*"/, '$1..."')
  const rows = wrap(short.split(/(?<=,)(?=")/), '', LABEL_WIDTH)
  const showIds = (row: string): string => row.replace(/(?<="trace_id":")\w+/, showId)
  return hang(
    `${showName(service)}  stdout  `,
    rows.map((row) => dim(showIds(row))),
  )
}

/** A line, and under it what arrived for it. */
export function showPair({ line, record }: Pair): string[] {
  const rows = record === undefined ? [styleText('red', 'none arrived')] : showRecord(record)
  return [...showLine(line), ...hang(`${' '.repeat(NAME_WIDTH)}  record  `, rows)]
}

function showRecord(record: ReceivedRecord): string[] {
  const { resource, severityNumber, traceId, spanId, body } = record
  const { exception, others } = splitAttributes(record)
  const ids = [`${dim('trace')} ${showId(traceId)}`, `${dim('span')} ${spanId}`]
  const parts = [
    `${showTime(record)}  ${showSeverity(record)} ${dim(`(${severityNumber})`)}  ${JSON.stringify(body)}`,
    `${dim('service.name')} ${String(resource['service.name'])}`,
  ]
  const rows = wrap(parts, '  ', LABEL_WIDTH)
  rows.push(traceId === '' ? dim('no trace: logged outside a request') : ids.join('  '))
  if (others.length > 0) rows.push(...hang(dim('attributes '), wrap(others, '  ', LABEL_WIDTH + 11)))
  if (exception === undefined) return rows
  const frames = exception.stack.split('\n').filter((row) => row.startsWith('    at '))
  const stack = [String(frames[0]).trim().replace(ROOT, ''), `and ${frames.length - 1} more`]
  return [...rows, ...hang(dim('exception  '), [exception.text, ...wrap(stack, ' ', LABEL_WIDTH + 11).map(dim)])]
}

/** The records of one trace; those of the service that was called are indented under its caller's. */
export function showTrace({ traceId, title, status }: SentOrder, pairs: Pair[]): string[] {
  const records = pairs.flatMap(({ record }) => (record?.traceId === traceId ? [record] : []))
  const rows = records.map((record) => {
    const name = record.resource['service.name'] as Name
    const { exception, others } = splitAttributes(record)
    const detail = exception?.text ?? dim(others.filter((field) => !field.startsWith('reqId=')).join('  '))
    const label = `  ${showTime(record)}  ${showName(name)}  ${showSeverity(record, 5)}  ${name === NAMES[0] ? '' : '  '}`
    return hang(label, wrap([String(record.body), detail], '  ', LABEL_WIDTH + 18))
  })
  return [`trace ${showId(traceId)}  ${dim(`${title}, answered ${status}`)}`, ...rows.flat()]
}

/** Attributes as text, the exception apart. */
function splitAttributes({ attributes }: ReceivedRecord): {
  exception?: { text: string; stack: string }
  others: string[]
} {
  const { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': stack, ...rest } = attributes
  const others = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  if (type === undefined) return { others }
  return { exception: { text: styleText('red', `${String(type)}: ${String(message)}`), stack: String(stack) }, others }
}

function showTime({ timeUnixNano }: ReceivedRecord): string {
  return new Date(Number(timeUnixNano / 1_000_000n)).toISOString().slice(11)
}

function showSeverity({ severityNumber, severityText }: ReceivedRecord, width = 0): string {
  return styleText(severityNumber >= 17 ? 'red' : 'green', severityText.padEnd(width))
}
