import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startReceiver } from '@otlp-logs/test-support'
import { createHttpExporter } from './http.ts'
import { proxyFor } from './proxy.ts'
import { RequestHeaders } from './request-headers.ts'

const URL_HTTP = 'http://collector.example:4318/v1/logs'
const URL_HTTPS = 'https://collector.example/v1/logs'
const PROXY = 'http://proxy:3128'

function proxyOf(url: string, variables: Record<string, string>, version = '24.21.0') {
  const warnings: string[] = []
  return { proxyEnv: proxyFor(url, variables, (warning) => warnings.push(warning), version), warnings }
}

describe('proxyFor', () => {
  it.each([
    [URL_HTTP, { HTTP_PROXY: PROXY }, { HTTP_PROXY: PROXY }],
    [URL_HTTP, { http_proxy: PROXY, no_proxy: 'other' }, { HTTP_PROXY: PROXY, NO_PROXY: 'other' }],
    [URL_HTTPS, { HTTPS_PROXY: PROXY, HTTP_PROXY: 'http://b' }, { HTTPS_PROXY: PROXY, HTTP_PROXY: 'http://b' }],
    // The variable of the other scheme, an empty one, none.
    [URL_HTTPS, { HTTP_PROXY: PROXY }, undefined],
    [URL_HTTP, { HTTP_PROXY: ' ' }, undefined],
    [URL_HTTP, {}, undefined],
    // Beside the app, and exempt.
    ['http://localhost:4318/v1/logs', { HTTP_PROXY: PROXY }, undefined],
    ['http://127.0.0.1:4318/v1/logs', { HTTP_PROXY: PROXY }, undefined],
    ['http://[::1]:4318/v1/logs', { HTTP_PROXY: PROXY }, undefined],
    [URL_HTTP, { HTTP_PROXY: PROXY, NO_PROXY: '*' }, undefined],
    [URL_HTTP, { HTTP_PROXY: PROXY, NO_PROXY: 'a, collector.example' }, undefined],
    [URL_HTTP, { HTTP_PROXY: PROXY, NO_PROXY: '.example' }, undefined],
  ] as [string, Record<string, string>, object | undefined][])('%s with %j: %j', (url, variables, expected) => {
    expect(proxyOf(url, variables)).toEqual({ proxyEnv: expected, warnings: [] })
  })

  it.each(['22.15.0', '22.20.9', '23.11.0', '24.4.1'])('Node %s cannot, and it is said', (version) => {
    const { proxyEnv, warnings } = proxyOf(URL_HTTPS, { HTTPS_PROXY: 'http://user:secret@proxy' }, version)
    expect(proxyEnv).toBeUndefined()
    expect(warnings).toEqual([expect.stringContaining(`HTTPS_PROXY is set, but Node ${version} cannot use it`)])
    expect(warnings.join()).not.toContain('secret')
    expect(proxyOf(URL_HTTPS, {}, version).warnings).toEqual([])
  })

  it.each(['22.21.0', '24.5.0', '25.0.0', '26.1.0'])('Node %s can', (version) => {
    expect(proxyOf(URL_HTTP, { HTTP_PROXY: PROXY }, version)).toEqual({ proxyEnv: { HTTP_PROXY: PROXY }, warnings: [] })
  })

  it('ignores what is no URL, and says so without showing it', () => {
    const { proxyEnv, warnings } = proxyOf(URL_HTTP, { HTTP_PROXY: 'secret@@' })
    expect(proxyEnv).toBeUndefined()
    expect(warnings).toEqual(['Ignored HTTP_PROXY: it is no URL. Requests go to the endpoint directly.'])
  })
})

// What Node itself does with it; before these versions there is nothing to see.
const canProxy = proxyOf(URL_HTTP, { HTTP_PROXY: PROXY }, process.versions.node).proxyEnv !== undefined

describe('a request through a proxy', () => {
  it('reaches the endpoint, or is sent directly where this Node cannot', async () => {
    const receiver = await startReceiver()
    const seen: string[] = []
    const proxy = createServer((incoming, outgoing) => {
      seen.push(incoming.url ?? '')
      incoming.resume().on('end', () => outgoing.end())
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => proxy.once('listening', resolve))
    const { port } = proxy.address() as AddressInfo
    const url = canProxy ? URL_HTTP : receiver.url
    const proxyEnv = proxyFor(url, { HTTP_PROXY: `http://127.0.0.1:${port}` }, () => {})
    const headers = new RequestHeaders({ protocol: 'http/json', headers: {}, userAgent: 'test', timeoutMillis: 5000 })
    const exporter = createHttpExporter({
      url,
      headers,
      compression: 'none',
      timeoutMillis: 5000,
      concurrency: 1,
      proxyEnv,
    })
    const bytes = Buffer.from('{"resourceLogs":[{}]}')
    expect(await exporter.export({ chunks: [bytes], bytes: bytes.length, count: 0 })).toMatchObject({ kind: 'success' })
    expect(seen).toEqual(canProxy ? [URL_HTTP] : [])
    exporter.close()
    proxy.closeAllConnections()
    await new Promise((resolve) => proxy.close(resolve))
    await receiver.close()
  })
})
