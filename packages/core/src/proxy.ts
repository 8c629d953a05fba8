// Which proxy the requests go through: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case, as Node's own agents read them.
// As everywhere, a loopback host is asked directly: the usual Collector is beside the app.
// Node can do it from 22.21 and 24.5 on; before that, a proxy that is asked for is one warning.

import type { Variables } from './environment.ts'

/** Variables for `new Agent({ proxyEnv })`. */
export type ProxyEnv = Readonly<Record<string, string>>

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/

/** @param version of Node, without `v` */
export function proxyFor(
  url: string,
  variables: Variables,
  warn: (warning: string) => void,
  version: string = process.versions.node,
): ProxyEnv | undefined {
  const { protocol, hostname, port } = new URL(url)
  const variable = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  if (LOOPBACK.test(hostname) || valueOf(variables, variable) === undefined) return undefined
  const usualPort = protocol === 'https:' ? '443' : '80'
  if (isExempt(hostname, port || usualPort, valueOf(variables, 'NO_PROXY'))) return undefined
  if (!URL.canParse(valueOf(variables, variable)!)) {
    warn(`Ignored ${variable}: it is no URL. Requests go to the endpoint directly.`)
    return undefined
  }
  if (!isKnownTo(version)) {
    warn(
      `${variable} is set, but Node ${version} cannot use it: requests go to the endpoint directly. Node 22.21 and 24.5 can.`,
    )
    return undefined
  }
  const all = NAMES.map((name) => [name, valueOf(variables, name)] as const)
  return Object.fromEntries(all.filter((pair): pair is [(typeof pair)[0], string] => pair[1] !== undefined))
}

/**
 * The proxy of gRPC, which needs nothing of Node: by `grpc_proxy`, HTTPS_PROXY or HTTP_PROXY, whichever is set first, and with
 * or without TLS always by CONNECT. `no_grpc_proxy` stands in for NO_PROXY. Given as the one of HTTPS_PROXY.
 */
export function grpcProxyFor(url: string, variables: Variables, warn: (warning: string) => void): ProxyEnv | undefined {
  const { protocol, hostname, port } = new URL(url)
  const variable = ['GRPC_PROXY', 'HTTPS_PROXY', 'HTTP_PROXY'].find((name) => valueOf(variables, name) !== undefined)
  if (variable === undefined || LOOPBACK.test(hostname)) return undefined
  const exempt = valueOf(variables, 'NO_GRPC_PROXY') ?? valueOf(variables, 'NO_PROXY')
  if (isExempt(hostname, port || (protocol === 'https:' ? '443' : '80'), exempt)) return undefined
  const proxy = valueOf(variables, variable)!
  if (isUsable(proxy)) return { HTTPS_PROXY: proxy }
  warn(`Ignored ${variable}: it is no URL with http://. Calls go to the endpoint directly.`)
  return undefined
}

function isUsable(proxy: string): boolean {
  try {
    const { protocol, username, password } = new URL(proxy)
    return protocol === 'http:' && decodeURIComponent(username + password) !== undefined
  } catch {
    return false
  }
}

/** The headers that Node makes of the userinfo in these URLs: no message may show them. */
export function proxyCredentials(proxyEnv: ProxyEnv = {}): Record<string, string> {
  const values = NAMES.flatMap((name) => {
    const value = proxyEnv[name] ?? ''
    if (name === 'NO_PROXY' || !URL.canParse(value)) return []
    const { username, password } = new URL(value)
    if (username === '' && password === '') return []
    return [`Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`]
  })
  return Object.fromEntries(values.map((value, i) => [`proxy-authorization ${i}`, value]))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function valueOf(variables: Variables, name: string): string | undefined {
  return variables[name.toLowerCase()]?.trim() || variables[name]?.trim() || undefined
}

/** The plain cases; Node's agent decides on the others, such as ranges of addresses. */
function isExempt(hostname: string, port: string, list = ''): boolean {
  const names = list.split(',').map((name) => name.trim().toLowerCase())
  return names.some(
    (name) =>
      name === '*' ||
      name === hostname ||
      name === `${hostname}:${port}` ||
      (/^\*?\./.test(name) && hostname.endsWith(name.replace(/^\*/, ''))),
  )
}

function isKnownTo(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)
}
