// What no message may show: values of headers, credentials and query of the URL; also where a server repeats them, in
// another spelling, or only in part.

/** A part of a secret of this length gives it away, and is no word of chance. */
const MIN_CHARS = 4
const PREFIX_CHARS = 12
const MASK = '***'
const USERINFO = /([a-z][a-z\d+.-]{0,20}:\/\/)[^\s/@]+@/gi

/** The secrets in headers and URL, in each spelling that may come back. */
export function secretsIn(headerValues: Iterable<string>, url?: string): string[] {
  const secrets: string[] = []
  for (const value of headerValues) secrets.push(...spellingsOf(value))
  if (url !== undefined) secrets.push(...partsOfQuery(url).flatMap((part) => [part, decoded(part)]))
  return [...new Set(secrets)].filter(({ length }) => length >= MIN_CHARS)
}

/** @param secrets from `secretsIn` */
export function mask(text: string, secrets: readonly string[]): string {
  const spans = secrets.flatMap((secret) => spansOf(text, secret)).toSorted((a, b) => a.from - b.from)
  let masked = ''
  let at = 0
  for (const { from, end } of spans) {
    if (from >= at) masked += text.slice(at, from) + MASK
    at = Math.max(at, end)
  }
  return (masked + text.slice(at)).replace(USERINFO, `$1${MASK}@`)
}

/** The scheme of an Authorization header is no secret, but what follows it is one also without it. */
function spellingsOf(value: string): string[] {
  const space = value.indexOf(' ')
  const rest = value.slice(space + 1)
  const basic = /^basic /i.test(value) ? Buffer.from(rest, 'base64').toString() : ''
  const password = basic.slice(basic.indexOf(':') + 1)
  return [value, rest, basic, password, encodeURIComponent(password)].flatMap((each) => {
    return [each, JSON.stringify(each).slice(1, -1)]
  })
}

function partsOfQuery(url: string): string[] {
  const query = url.split('?', 2)[1] ?? ''
  return query.split('&').flatMap((pair) => [pair, pair.slice(pair.indexOf('=') + 1)])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Also where only its beginning is there: a server may cut what it repeats, and so do we. */
function spansOf(text: string, secret: string): { from: number; end: number }[] {
  const prefix = secret.slice(0, PREFIX_CHARS)
  const spans: { from: number; end: number }[] = []
  for (let from = text.indexOf(prefix), end = 0; from !== -1; from = text.indexOf(prefix, end)) {
    end = from + prefix.length
    while (end - from < secret.length && text[end] === secret[end - from]) end++
    spans.push({ from, end })
  }
  return spans
}
