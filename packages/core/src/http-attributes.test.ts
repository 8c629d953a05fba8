// What holds of HTTP attributes whatever a logger writes about a request; the conventions themselves are tested with real
// servers (A15 to A18).

import * as fc from 'fast-check'
import { toHttpAttributes } from './http-attributes.ts'

const SECRET = 'sesame'
const anyCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((upper) => [...name].map((letter, i) => (upper[i] ? letter.toUpperCase() : letter)).join(''))
const credential = fc.constantFrom('authorization', 'proxy-authorization', 'cookie', 'set-cookie').chain(anyCase)
const headers = fc.dictionary(credential, fc.constantFrom<unknown>(SECRET, [SECRET]), { minKeys: 1 })
const request = fc.record({ method: fc.string(), url: fc.webPath(), headers, remoteAddress: fc.jsonValue() })
const NONE: ReadonlySet<string> = new Set()

describe('toHttpAttributes', () => {
  it('never lets a credential pass, however its header is written', () => {
    fc.assert(
      fc.property(request, headers, fc.boolean(), (req, answered, isNested) => {
        const fields = { req, res: { statusCode: 200, headers: answered } }
        const found = toHttpAttributes(isNested ? { meta: fields } : fields, NONE)
        expect(JSON.stringify(found)).not.toContain(SECRET)
      }),
    )
  })

  it('never lets a signature of a URL pass, wherever it stands in the query', () => {
    const name = fc.constantFrom('sig', 'Signature', 'AWSAccessKeyId', 'X-Goog-Signature', 'X-Amz-Signature')
    const other = fc.webQueryParameters().filter((query) => !query.includes(SECRET))
    fc.assert(
      fc.property(name, other, other, (key, before, after) => {
        const url = `/a?${before}&${key}=${SECRET}&${after}`
        const found = toHttpAttributes({ req: { url, query: { [key]: SECRET } } }, NONE)
        expect(JSON.stringify(found)).not.toContain(SECRET)
      }),
    )
  })

  it('takes whatever stands under these names, and leaves alone what is no request', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (req, res, meta) => {
        const attributes = { req, res, meta }
        const found = toHttpAttributes(attributes, NONE)
        if (found === undefined) expect(attributes).toEqual({ req, res, meta })
        else expect(Object.keys(found.mapped).every((name) => /^[a-z_]+\.[a-z_.]+$/.test(name))).toBe(true)
      }),
    )
  })

  it.each([
    ['/a?sig=1&sig=2', 'sig=REDACTED&sig=REDACTED'],
    ['/a?x=sig%3D1', 'x=sig%3D1'],
    ['/a?%73ig=1', '%73ig=REDACTED'],
    ['/a?%zz=1&sig=2#f', '%zz=1&sig=REDACTED'],
  ])('reads %s as it is decoded', (url, expected) => {
    expect(toHttpAttributes({ req: { url } }, NONE)?.mapped['url.query']).toBe(expected)
  })

  it.each([
    ['shop.example', { 'server.address': 'shop.example' }],
    ['shop.example:8080', { 'server.address': 'shop.example', 'server.port': 8080 }],
    ['[2001:db8::1]:80', { 'server.address': '2001:db8::1', 'server.port': 80 }],
    ['[2001:db8::1]', { 'server.address': '2001:db8::1' }],
    ['shop.example:99999', { 'server.address': 'shop.example' }],
    ['a:b:c', {}],
  ])('reads the host %s', (host, expected) => {
    const { mapped } = toHttpAttributes({ req: { method: 'GET', headers: { Host: host, host } } }, NONE)!
    expect(mapped).toEqual({ 'http.request.method': 'GET', ...expected })
  })
})
