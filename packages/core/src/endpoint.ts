// Where requests go: from the options `endpoint` and `url`, or their variables, to one final URL.
// Invariants: a base URL gets `/v1/logs` with exactly one slash and keeps its query; a full URL stays as it is; the
// settled URL has no userinfo, which becomes a Basic authorization header instead (protocol/exporter.md, Endpoint URLs).

import { type Check, shown, shownText, wrong } from './check.ts'
import type { Headers } from './headers.ts'

const LOGS_PATH = '/v1/logs'
const GRPC_PORT = '4317'

/** A base URL; settles as the full one. */
export function baseUrl(): Check<string> {
  return url((parsed) => {
    parsed.pathname = parsed.pathname.replace(/\/*$/, LOGS_PATH)
  })
}

/** A full URL. */
export function fullUrl(): Check<string> {
  return url(() => {})
}

/**
 * Takes the userinfo out of a URL and warns of what looks like a mistake.
 * @param isBase whether it was given without the path, so that advice must leave it out, too
 */
export function settleEndpoint(
  full: string,
  isBase: boolean,
  headers: Headers,
  warn: (warning: string) => void,
): { url: string; headers: Headers } {
  const parsed = new URL(full)
  if (parsed.port === GRPC_PORT) {
    const given = isBase ? full.replace(LOGS_PATH, '') : full
    const better = shownText(given).replace(`:${GRPC_PORT}`, ':4318')
    warn(
      `The endpoint has port ${GRPC_PORT}, where collectors expect gRPC; logs go over HTTP, usually to 4318. Perhaps \`${better}\`, or \`protocol: 'grpc'\`.`,
    )
  }
  if (parsed.pathname.endsWith(LOGS_PATH + LOGS_PATH)) {
    warn(`The endpoint already ended in ${LOGS_PATH}, which is appended to a base URL. Use \`url\` for a full one.`)
  }
  if (parsed.username === '' && parsed.password === '') return { url: full, headers }
  const all = takeUserinfo(parsed, headers)
  return { url: parsed.href, headers: all }
}

/** Takes the userinfo out of a URL, and gives the headers with it as a Basic one, unless there is an authorization already. */
export function takeUserinfo(parsed: URL, headers: Headers): Headers {
  const { username, password } = parsed
  if (username === '' && password === '') return headers
  parsed.username = ''
  parsed.password = ''
  const credentials = Buffer.from(`${decode(username)}:${decode(password)}`).toString('base64')
  return { authorization: `Basic ${credentials}`, ...headers }
}

function url(finish: (parsed: URL) => void): Check<string> {
  const settle = (text: string): string | undefined => {
    const parsed = parse(text)
    if (parsed === undefined) return undefined
    parsed.hash = ''
    finish(parsed)
    return parsed.href
  }
  return {
    take: (value, name) => {
      const settled = typeof value === 'string' ? settle(value) : undefined
      if (settled === undefined) throw wrong(name, expectation(value), shown(value))
      return settled
    },
    read: (text, complain) => {
      const settled = settle(text)
      if (settled === undefined) complain(`expected ${expectation(text)}`)
      return settled
    },
  }
}

function parse(text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined
  return new URL(text)
}

function expectation(value: unknown): string {
  const expected = 'an absolute URL with http:// or https://'
  if (typeof value !== 'string' || value.includes('//') || parse(`http://${value}`) === undefined) return expected
  return `${expected} (perhaps \`http://${shownText(value)}\`)`
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
