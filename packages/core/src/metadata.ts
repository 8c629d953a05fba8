// Headers as gRPC's metadata: what its names and values may be is narrower than in HTTP, and some names are its own.
// The value of a name that ends in `-bin` is base64, as on the wire.

import { type Check, hidden, wrong } from './check.ts'
import type { GrpcMetadata } from './grpc-package.ts'
import { headers, type Headers } from './headers.ts'

const NAME = /^[0-9a-z_.-]+$/
const VALUE = /^[\x20-\x7e]*$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
/** Of the connection, of the protocol, or told otherwise. */
const OWN =
  /^(?:connection|content-.*|grpc-.*|host|keep-alive|proxy-connection|te|transfer-encoding|upgrade|user-agent)$/

/** As `headers()`, for gRPC. */
export function grpcHeaders(): Check<Headers> {
  const rule = headers()
  return {
    take(value, name) {
      const settled = rule.take(value, name)
      for (const [key, one] of Object.entries(settled)) {
        const flaw = flawOf(key, one)
        if (flaw !== undefined) throw wrong(`${name}.${shownKey(key)}`, flaw, hidden(one))
      }
      return settled
    },
    read(text, complain) {
      const settled = rule.read(text, complain)
      if (settled === undefined) return undefined
      const good = Object.entries(settled).filter(([key, value]) => flawOf(key, value) === undefined)
      const bad = Object.keys(settled).length - good.length
      if (bad > 0) complain(`gRPC takes no such names or values as ${bad} of its items have`, 'the rest')
      return good.length === 0 ? undefined : Object.fromEntries(good)
    },
  }
}

function flawOf(key: string, value: string): string | undefined {
  if (!NAME.test(key)) return 'a name of letters, digits, `_`, `.` and `-`, as gRPC takes no other'
  if (key.endsWith('-bin')) return BASE64.test(value) ? undefined : 'base64, as its name ends in `-bin`'
  return VALUE.test(value) ? undefined : 'a string of printable ASCII characters, as gRPC takes no other'
}

function shownKey(key: string): string {
  return NAME.test(key) ? key : '(a key)'
}

/** What a client that knows HTTP/2 only has to send. */
export function wireHeaders(all: Headers): Headers {
  const own = Object.entries(all).filter(([key]) => !OWN.test(key) || key === 'user-agent')
  return { ...Object.fromEntries(own), 'content-type': 'application/grpc', te: 'trailers' }
}

/** Puts headers into a call's metadata, but for those that gRPC has itself. */
export function putMetadata(metadata: GrpcMetadata, all: Headers): void {
  for (const [key, value] of Object.entries(all)) {
    if (!OWN.test(key)) metadata.set(key, key.endsWith('-bin') ? Buffer.from(value, 'base64') : value)
  }
}
