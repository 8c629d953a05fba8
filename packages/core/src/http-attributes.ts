// What HTTP loggers write about a request and its answer -> the attributes of semantic conventions (http/http-spans.md, HTTP
// server), for `httpAttributes: true`. Known shapes: pino-http and Fastify (`req`, `res`, `responseTime`) and express-winston
// (`meta: { req, res, responseTime }`).
//
//   req.method                             http.request.method; one that is not known: _OTHER, and http.request.method_original
//   req.originalUrl, req.url               url.path, url.query without signatures (REDACTED); of a whole URL also url.scheme
//   host (a header, or Fastify's own)      server.address, server.port
//   user-agent                             user_agent.original
//   remoteAddress, remotePort              network.peer.address, network.peer.port
//   forwarded, x-forwarded-for, remoteAddress   client.address: the first hop
//   httpVersion                            network.protocol.version
//   route, route.path, routeOptions.url    http.route: the template, never the path itself
//   res.statusCode                         http.response.status_code
//   headers of `httpHeaders`               http.request.header.*, http.response.header.*, as arrays
//
// What has gone into an attribute is left out where it stood; the rest stays under its key, without the headers that hold
// credentials. There is no convention for a duration, so that `responseTime` stays what it is.

export type Attributes = Record<string, unknown>
type Fields = Readonly<Record<string, unknown>>

/** http/http-spans.md, http.request.method. */
const METHODS: ReadonlySet<unknown> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'],
])

/** http/http-spans.md, url.query: what signs a URL gives access to it. */
const SIGNATURES: ReadonlySet<string> = new Set([
  ...['AWSAccessKeyId', 'Signature', 'sig', 'X-Goog-Signature'],
  ...['X-Amz-Signature', 'X-Amz-Credential', 'X-Amz-Security-Token'],
])

/** Never sent unless they are asked for by name. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])

/** Headers of a request that other attributes tell of. */
const TOLD_HEADERS: ReadonlySet<string> = new Set(['host', 'user-agent', 'forwarded', 'x-forwarded-for'])

/** Two sets of attributes: those of conventions, and what is left of the record's own. */
export interface HttpAttributes {
  mapped: Attributes
  rest: Attributes
}

/** Undefined when nothing in the attributes is about HTTP. @param headers names in lower case */
export function toHttpAttributes(attributes: Attributes, headers: ReadonlySet<string>): HttpAttributes | undefined {
  const meta = fieldsOf(attributes['meta'])
  const isNested = meta !== undefined && (requestIn(meta) ?? responseIn(meta)) !== undefined
  const source = isNested ? meta : attributes
  const request = requestIn(source)
  const response = responseIn(source)
  if (request === undefined && response === undefined) return undefined
  const mapped: Attributes = {}
  const left: Attributes = { ...source }
  if (request !== undefined) put(left, 'req', ofRequest(request, headers, mapped))
  if (response !== undefined) put(left, 'res', ofResponse(response, headers, mapped))
  if (!isNested) return { mapped, rest: left }
  const { meta: _meta, ...others } = attributes
  // express-winston's responseTime is that of every request: no reason to keep it out of reach.
  const { responseTime, ...nested } = left
  const rest: Attributes = responseTime === undefined ? others : { ...others, responseTime }
  put(rest, 'meta', nested)
  return { mapped, rest }
}

function requestIn(fields: Fields): Fields | undefined {
  const request = fieldsOf(fields['req'])
  const isRequest = typeof request?.['method'] === 'string' || typeof request?.['url'] === 'string'
  return isRequest ? request : undefined
}

function responseIn(fields: Fields): Fields | undefined {
  const response = fieldsOf(fields['res'])
  // pino-http writes null for an answer that was never begun.
  return typeof response?.['statusCode'] === 'number' || response?.['statusCode'] === null ? response : undefined
}

/** What is left of the request. */
function ofRequest(request: Fields, wanted: ReadonlySet<string>, mapped: Attributes): Attributes {
  const { method, url, originalUrl, headers, remoteAddress, remotePort, httpVersion, ...left } = plainRequest(request)
  if (typeof method === 'string') {
    mapped['http.request.method'] = METHODS.has(method) ? method : '_OTHER'
    if (!METHODS.has(method)) mapped['http.request.method_original'] = method
  } else keep(left, { method })
  const target = typeof originalUrl === 'string' ? originalUrl : url
  if (typeof target === 'string' && ofTarget(target, mapped)) {
    // What a framework read from the URL would bring signatures back.
    delete left['query']
  } else keep(left, { url, originalUrl })
  const named = fieldsOf(headers)
  const header = (name: string): string | undefined => firstText(named?.[name])
  ofHost(firstText(request['host'], request['hostname']) ?? header('host'), mapped)
  if (typeof request['host'] === 'string') delete left['host']
  if (typeof request['hostname'] === 'string') delete left['hostname']
  assign(mapped, 'user_agent.original', header('user-agent'))
  if (typeof remoteAddress === 'string') {
    mapped['network.peer.address'] = remoteAddress
    if (isPort(remotePort)) mapped['network.peer.port'] = remotePort
  } else keep(left, { remoteAddress, remotePort })
  assign(mapped, 'client.address', firstHop(header('forwarded'), header('x-forwarded-for')) ?? firstText(remoteAddress))
  if (typeof httpVersion === 'string') mapped['network.protocol.version'] = httpVersion.replace(/^([23])\.0$/, '$1')
  else keep(left, { httpVersion })
  ofRoute(left, mapped)
  ofHeaders(headers, 'request', wanted, mapped, left)
  return left
}

/** A request of Node itself is a stream with all that belongs to it: only what it says of the request is taken. */
function plainRequest(request: Fields): Attributes {
  const socket = fieldsOf(request['socket'])
  if (socket === undefined) return { ...request }
  const { method, url, originalUrl, headers, httpVersion, route, id } = request
  const { remoteAddress, remotePort } = socket
  return { method, url, originalUrl, headers, httpVersion, route, id, remoteAddress, remotePort }
}

/** What is left of the response. */
function ofResponse(response: Fields, wanted: ReadonlySet<string>, mapped: Attributes): Attributes {
  // A response of Node itself is a stream with all that belongs to it.
  const plain: Attributes = 'socket' in response ? { statusCode: response['statusCode'] } : { ...response }
  const { statusCode, headers, ...left } = plain
  if (typeof statusCode === 'number') mapped['http.response.status_code'] = statusCode
  ofHeaders(headers, 'response', wanted, mapped, left)
  return left
}

/** Whether the target of a request could be read: a path, `*`, or a whole URL, as a proxy is given. */
function ofTarget(target: string, mapped: Attributes): boolean {
  let rest = target
  if (/^https?:\/\//i.test(target)) {
    if (!URL.canParse(target)) return false
    const { protocol, host } = new URL(target)
    mapped['url.scheme'] = protocol.slice(0, -1)
    ofHost(host, mapped)
    // Without userinfo, which is not part of the path.
    rest = target.replace(/^https?:\/\/[^/?#]*/i, '') || '/'
  }
  if (rest !== '*' && !rest.startsWith('/') && !rest.startsWith('?')) return false
  const [whole] = rest.split('#') as [string]
  const at = whole.indexOf('?')
  mapped['url.path'] = (at === -1 ? whole : whole.slice(0, at)) || '/'
  if (at !== -1 && at < whole.length - 1) mapped['url.query'] = withoutSignatures(whole.slice(at + 1))
  return true
}

function withoutSignatures(query: string): string {
  return query
    .split('&')
    .map((pair) => {
      const at = pair.indexOf('=')
      return at !== -1 && SIGNATURES.has(decoded(pair.slice(0, at))) ? `${pair.slice(0, at)}=REDACTED` : pair
    })
    .join('&')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `host`, `host:port`, `[::1]:port`. */
function ofHost(host: string | undefined, mapped: Attributes): void {
  if (host === undefined || mapped['server.address'] !== undefined) return
  const [, address, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(host) ?? []
  if (address === undefined) return
  mapped['server.address'] = address.replace(/^\[|\]$/g, '')
  if (isPort(Number(port))) mapped['server.port'] = Number(port)
}

/** Where the request began, as far as proxies say. */
function firstHop(forwarded: string | undefined, forwardedFor: string | undefined): string | undefined {
  const standard = /(?:^|[;,\s])for=(?:"([^"]+)"|([^;,\s]+))/i.exec(forwarded?.split(',')[0] ?? '')
  const hop = (standard?.[1] ?? standard?.[2] ?? forwardedFor?.split(',')[0])?.trim()
  // An IPv6 address in brackets, or an IPv4 one, may have a port behind it.
  return hop === undefined || hop === '' ? undefined : hop.replace(/^\[([^\]]+)\](?::\d+)?$|^([^:]+):\d+$/, '$1$2')
}

function ofRoute(left: Attributes, mapped: Attributes): void {
  const { route, routeOptions } = left
  const template = firstText(route, fieldsOf(route)?.['path'], fieldsOf(routeOptions)?.['url'])
  if (template === undefined) return
  mapped['http.route'] = template
  delete left['route']
}

function ofHeaders(
  headers: unknown,
  kind: 'request' | 'response',
  wanted: ReadonlySet<string>,
  mapped: Attributes,
  left: Attributes,
): void {
  const fields = fieldsOf(headers)
  if (fields === undefined) return keep(left, { headers })
  const others: Attributes = {}
  for (const [name, value] of Object.entries(fields)) {
    const lower = name.toLowerCase()
    if (wanted.has(lower)) mapped[`http.${kind}.header.${lower}`] = Array.isArray(value) ? value : [value]
    else if (!CREDENTIALS.has(lower) && !(kind === 'request' && TOLD_HEADERS.has(lower))) others[name] = value
  }
  put(left, 'headers', others)
}

function fieldsOf(value: unknown): Fields | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { toJSON } = value as { toJSON?: unknown }
  return typeof toJSON === 'function' ? fieldsOf(toJSON.call(value, '')) : (value as Fields)
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536
}

function assign(mapped: Attributes, name: string, value: string | undefined): void {
  if (value !== undefined) mapped[name] = value
}

function keep(left: Attributes, fields: Attributes): void {
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) left[name] = value
}

/** Nothing is left of an object of which all was told. */
function put(target: Attributes, name: string, value: Attributes): void {
  if (Object.values(value).some((one) => one !== undefined)) target[name] = value
  else delete target[name]
}
