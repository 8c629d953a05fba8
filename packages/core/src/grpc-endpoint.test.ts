import type { OtlpOptions } from './options.ts'
import { resolveOptions } from './resolve-options.ts'
import type { Settings } from './settings.ts'

const OTLP = 'OTEL_EXPORTER_OTLP_'
const LOGS = 'OTEL_EXPORTER_OTLP_LOGS_'

type Env = Record<string, string>

function resolve(options: OtlpOptions = {}, env: Env = {}): { settings: Settings; warnings: string[] } {
  return resolveOptions({ protocol: 'grpc', ...options }, { env })
}

function messageOf(options: OtlpOptions): string {
  try {
    resolve(options)
  } catch (error) {
    if (error instanceof TypeError) return error.message
  }
  throw new Error('It threw no TypeError')
}

describe('the endpoint', () => {
  it('C4: is http://localhost:4317, unset', () => {
    expect(resolve()).toMatchObject({ settings: { url: 'http://localhost:4317' }, warnings: [] })
    expect(resolve({}, { [`${OTLP}INSECURE`]: 'false' }).settings.url).toBe('http://localhost:4317')
  })

  describe.each([`${OTLP}ENDPOINT`, `${LOGS}ENDPOINT`, 'endpoint', 'url'])('by %s', (source) => {
    it.each<[given: string, insecure: string | undefined, url: string]>([
      ['http://collector:4317', undefined, 'http://collector:4317'],
      ['http://collector:4317', 'true', 'http://collector:4317'],
      ['http://collector:4317', 'false', 'http://collector:4317'],
      ['https://collector:4317', undefined, 'https://collector:4317'],
      ['https://collector:4317', 'true', 'https://collector:4317'],
      ['https://collector:4317', 'false', 'https://collector:4317'],
      ['collector:4317', undefined, 'https://collector:4317'],
      ['collector:4317', 'TRUE', 'http://collector:4317'],
      ['collector:4317', 'false', 'https://collector:4317'],
      ['[::1]:4317', 'true', 'http://[::1]:4317'],
      ['10.0.0.1:4317', undefined, 'https://10.0.0.1:4317'],
      ['HTTP://collector:4317/', undefined, 'http://collector:4317'],
      ['https://collector', undefined, 'https://collector'],
    ])('C5: %s with INSECURE %s is %s', (given, insecure, url) => {
      const isOption = source === 'endpoint' || source === 'url'
      const env = {
        ...(insecure !== undefined && { [`${OTLP}INSECURE`]: insecure }),
        ...(!isOption && { [source]: given }),
      }
      expect(resolve(isOption ? { [source]: given } : {}, env)).toMatchObject({ settings: { url }, warnings: [] })
    })
  })

  it('C5, C6: INSECURE for logs beats the general one; what is neither true nor false is one warning', () => {
    const env = { [`${OTLP}INSECURE`]: 'true', [`${LOGS}INSECURE`]: 'false' }
    expect(resolve({ endpoint: 'collector:4317' }, env).settings.url).toBe('https://collector:4317')
    expect(resolve({ endpoint: 'collector:4317' }, { [`${OTLP}INSECURE`]: '1' })).toMatchObject({
      settings: { url: 'https://collector:4317' },
      warnings: ['Ignored OTEL_EXPORTER_OTLP_INSECURE=`1`: expected true or false. Using `false`.'],
    })
  })

  it.each(['dns:///collector:4317', 'unix:///tmp/socket', 'collector:99999', '', 'http://'])(
    'is not %j',
    (endpoint) => {
      expect(messageOf({ endpoint })).toContain(
        `Expected \`endpoint\` to be a URL with http:// or https://, or host:port, got \`${endpoint}\` (string)`,
      )
      const { settings, warnings } = resolve({}, { [`${OTLP}ENDPOINT`]: endpoint })
      expect(settings.url).toBe('http://localhost:4317')
      expect(warnings).toHaveLength(endpoint === '' ? 0 : 1)
    },
  )

  it('has no path, and says so where one was meant', () => {
    expect(resolve({ endpoint: 'http://collector:4317/otlp' })).toMatchObject({
      settings: { url: 'http://collector:4317' },
      warnings: ['Ignored the path `/otlp` of the endpoint: gRPC has none'],
    })
    expect(resolve({ url: 'http://collector:4317/v1/logs' }).warnings).toEqual([])
  })

  it('with the port of OTLP over HTTP is one warning, with what was probably meant', () => {
    expect(resolve({ endpoint: 'http://user:sesame@collector:4318' }).warnings).toEqual([
      'The endpoint has port 4318, where collectors expect OTLP over HTTP; gRPC usually has 4317. Perhaps `http://collector:4317`.',
    ])
  })

  it('gives its userinfo to the authorization header', () => {
    const { settings } = resolve({ endpoint: 'https://user:sesame@collector:4317' })
    expect(settings).toMatchObject({
      url: 'https://collector:4317',
      headers: { authorization: `Basic ${Buffer.from('user:sesame').toString('base64')}` },
    })
  })
})

describe('compression', () => {
  it('may be gzip, and zstd is refused: a TypeError for the option, a warning for the variable', () => {
    expect(resolve({ compression: 'gzip' }).settings.compression).toBe('gzip')
    expect(resolve({}, { [`${OTLP}COMPRESSION`]: 'GZIP' }).settings.compression).toBe('gzip')
    expect(messageOf({ compression: 'zstd' })).toBe(
      'Expected `compression` to be `none` or `gzip`, as gRPC knows no other here, got `zstd` (string)',
    )
    expect(resolve({}, { [`${OTLP}COMPRESSION`]: 'zstd' })).toMatchObject({
      settings: { compression: 'none' },
      warnings: [
        'Ignored OTEL_EXPORTER_OTLP_COMPRESSION=`zstd`: expected `none` or `gzip`, as gRPC knows no other here. Using `none`.',
      ],
    })
  })
})

describe('headers', () => {
  it.each<[Record<string, string>, string]>([
    [
      { 'a*': 'sesame' },
      'Expected `headers.(a key)` to be a name of letters, digits, `_`, `.` and `-`, as gRPC takes no other',
    ],
    [{ a: 'sésame' }, 'Expected `headers.a` to be a string of printable ASCII characters, as gRPC takes no other'],
    [{ 'a-bin': 'sesame!' }, 'Expected `headers.a-bin` to be base64, as its name ends in `-bin`'],
  ])('that gRPC does not take are refused: %j', (headers, message) => {
    expect(messageOf({ headers })).toContain(message)
    expect(messageOf({ headers })).not.toMatch(/s.same/)
    const [[key, value]] = Object.entries(headers) as [[string, string]]
    const { settings, warnings } = resolve({}, { [`${OTLP}HEADERS`]: `${key}=${encodeURIComponent(value)},b=c` })
    expect(settings.headers).toEqual({ b: 'c' })
    expect(warnings).toEqual([expect.stringContaining('Using the rest.')])
    expect(warnings[0]).not.toMatch(/s.same/)
  })

  it('are as over HTTP otherwise', () => {
    expect(resolve({ headers: { 'X-Scope-OrgID': 'a', 'b-bin': 'AAEC' } }).settings.headers).toEqual({
      'x-scope-orgid': 'a',
      'b-bin': 'AAEC',
    })
  })
})
