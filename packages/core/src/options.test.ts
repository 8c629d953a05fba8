import { OPTIONS } from './option-table.ts'
import type { OtlpOptions } from './options.ts'
import type { Settings } from './settings.ts'
import { resolveOptions } from './resolve-options.ts'

type Env = Record<string, string>

function settings(options: OtlpOptions = {}, env: Env = {}): Settings {
  return resolveOptions(options, { env }).settings
}

function warnings(options: object = {}, env: Env = {}): string[] {
  return resolveOptions(options, { env }).warnings
}

function messageOf(options: unknown): string {
  try {
    resolveOptions(options, { env: {} })
  } catch (error) {
    if (error instanceof TypeError) return error.message
  }
  throw new Error('It threw no TypeError')
}

describe('defaults', () => {
  it('are the documented ones', () => {
    const { resource, ...rest } = settings()
    expect(resource['service.name']).toBe('unknown_service:node')
    expect(rest).toEqual({
      enabled: true,
      url: 'http://localhost:4318/v1/logs',
      protocol: 'http/protobuf',
      pipeline: 'own',
      headers: {},
      compression: 'none',
      timeoutMillis: 10000,
      scope: undefined,
      minimumSeverity: 0,
      severity: {},
      severityText: 'source',
      attributes: 'nested',
      body: 'message',
      httpAttributes: false,
      httpHeaders: [],
      recordAttributes: [],
      keepsOriginal: false,
      keys: {
        message: undefined,
        error: undefined,
        time: 'time',
        level: 'level',
        nested: undefined,
        caller: undefined,
      },
      redact: undefined,
      attributeCountLimit: 128,
      attributeValueLengthLimit: Infinity,
      maxRecordBytes: 1048576,
      maxQueueBytes: 67108864,
      maxQueueSize: Infinity,
      maxExportBatchSize: 8192,
      maxExportBatchBytes: 1048576,
      scheduledDelayMillis: 1000,
      exportTimeoutMillis: 30000,
      closeTimeoutMillis: 5000,
      overflow: 'drop-oldest',
      concurrency: 1,
      closeOnSignals: false,
      diagnostics: 'stderr',
      filter: undefined,
      transform: undefined,
      onReport: undefined,
    })
    expect(warnings()).toEqual([])
  })

  it.each([undefined, {}, { endpoint: undefined, keys: {}, limits: {} }])(
    'stand for what is not given: %p',
    (options) => {
      const { given, ...resolved } = resolveOptions(options, { env: {} })
      expect(given).toEqual(options ?? {})
      expect({ ...resolved, given: {} }).toEqual(resolveOptions({}, { env: {} }))
    },
  )

  it('are those of the process environment when no other is given', () => {
    const before = process.env['OTEL_BLRP_SCHEDULE_DELAY']
    process.env['OTEL_BLRP_SCHEDULE_DELAY'] = '7'
    try {
      expect(resolveOptions({}).settings.scheduledDelayMillis).toBe(7)
    } finally {
      if (before === undefined) delete process.env['OTEL_BLRP_SCHEDULE_DELAY']
      else process.env['OTEL_BLRP_SCHEDULE_DELAY'] = before
    }
  })
})

describe('options', () => {
  const hook = () => undefined
  it.each<[OtlpOptions, Partial<Settings>]>([
    [{ protocol: 'http/json' }, { protocol: 'http/json' }],
    [{ headers: { 'X-Scope-OrgID': 'a' } }, { headers: { 'x-scope-orgid': 'a' } }],
    [{ compression: 'zstd' }, { compression: 'zstd' }],
    [{ timeoutMillis: 0 }, { timeoutMillis: 0 }],
    [{ scope: 'name' }, { scope: 'name' }],
    [{ scope: { name: 'a', version: '1' } }, { scope: { name: 'a', version: '1' } }],
    [{ scope: { name: 'a' } }, { scope: { name: 'a' } }],
    [{ minimumSeverity: 24 }, { minimumSeverity: 24 }],
    [{ minimumSeverity: 'INFO' }, { minimumSeverity: 9 }],
    [{ minimumSeverity: 'warn' }, { minimumSeverity: 13 }],
    [{ minimumSeverity: 'ERROR2' }, { minimumSeverity: 18 }],
    [{ severity: { audit: 10, 35: 11 } }, { severity: { audit: 10, 35: 11 } }],
    [{ limits: { attributeCountLimit: 0 } }, { attributeCountLimit: 0 }],
    [{ limits: { attributeCountLimit: Infinity } }, { attributeCountLimit: Infinity }],
    [{ limits: { attributeValueLengthLimit: 0 } }, { attributeValueLengthLimit: 0 }],
    [{ maxRecordBytes: 1024 }, { maxRecordBytes: 1024 }],
    [{ maxQueueBytes: 65536 }, { maxQueueBytes: 65536 }],
    [{ maxQueueSize: 4096 }, { maxQueueSize: 4096, maxExportBatchSize: 4096 }],
    [{ maxExportBatchSize: 1 }, { maxExportBatchSize: 1 }],
    [{ maxExportBatchBytes: 67108864 }, { maxExportBatchBytes: 67108864 }],
    [{ scheduledDelayMillis: 0 }, { scheduledDelayMillis: 0 }],
    [{ exportTimeoutMillis: 0 }, { exportTimeoutMillis: 0 }],
    [{ closeTimeoutMillis: 9000 }, { closeTimeoutMillis: 9000 }],
    [{ overflow: 'drop-newest' }, { overflow: 'drop-newest' }],
    [{ concurrency: 32 }, { concurrency: 32 }],
    [{ closeOnSignals: true }, { closeOnSignals: true }],
    [{ enabled: false }, { enabled: false }],
    [{ diagnostics: 'none' }, { diagnostics: 'none' }],
    [{ filter: () => true }, { filter: expect.any(Function) as never }],
    [{ transform: hook }, { transform: hook }],
    [{ onReport: hook }, { onReport: hook }],
    [{ redact: { paths: ['a'] } }, { redact: { paths: ['a'], censor: '[REDACTED]', hashKey: undefined } }],
    [{ redact: { paths: [], censor: '' } }, { redact: { paths: [], censor: '', hashKey: undefined } }],
    [
      { redact: { paths: ['a'], censor: 'hash', hashKey: '0123456789abcdef' } },
      { redact: { paths: ['a'], censor: 'hash', hashKey: '0123456789abcdef' } },
    ],
  ])('%j is taken', (options, expected) => {
    expect(settings(options)).toMatchObject(expected)
    expect(warnings(options)).toEqual([])
  })

  it('keeps the other keys when some are given', () => {
    const keys = { message: 'm', time: 't', nested: 'n', caller: 'c' }
    expect(settings({ keys }).keys).toEqual({ ...keys, error: undefined, level: 'level' })
  })

  it.each([
    ['http://h:1/otlp', 'http://h:1/otlp/v1/logs'],
    ['http://h:1/otlp/', 'http://h:1/otlp/v1/logs'],
    ['http://h:1/otlp//', 'http://h:1/otlp/v1/logs'],
    ['http://h', 'http://h/v1/logs'],
    ['https://h/?tenant=a', 'https://h/v1/logs?tenant=a'],
    ['HTTPS://h/a?b#c', 'https://h/a/v1/logs?b'],
  ])('C1: endpoint %s becomes %s', (endpoint, url) => {
    expect(settings({ endpoint }).url).toBe(url)
  })

  it.each([
    ['http://h:1', 'http://h:1/'],
    ['http://h:1/a/', 'http://h:1/a/'],
    ['https://h/a?b=c', 'https://h/a?b=c'],
  ])('C2, C3: url %s is used as it is', (url, expected) => {
    expect(settings({ url }).url).toBe(expected)
  })

  it('sends userinfo as a Basic authorization header and takes it out of the URL', () => {
    expect(settings({ endpoint: 'https://me:p%40ss@h/otlp' })).toMatchObject({
      url: 'https://h/otlp/v1/logs',
      headers: { authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` },
    })
  })

  it('prefers an authorization header to userinfo', () => {
    const options = { url: 'https://me:pass@h/x', headers: { Authorization: 'Bearer t' } }
    expect(settings(options)).toMatchObject({ url: 'https://h/x', headers: { authorization: 'Bearer t' } })
  })

  it('lowers maxExportBatchSize to maxQueueSize, and says so when both were given', () => {
    expect(settings({ maxQueueSize: 10 }).maxExportBatchSize).toBe(10)
    expect(warnings({ maxQueueSize: 10 })).toEqual([])
    expect(settings({ maxQueueSize: 10, maxExportBatchSize: 20 }).maxExportBatchSize).toBe(10)
    expect(warnings({ maxQueueSize: 10, maxExportBatchSize: 20 })).toEqual([
      'Lowered `maxExportBatchSize` from 20 to 10, which is `maxQueueSize`',
    ])
  })

  it.each([
    [{ endpoint: 'http://h:4317' }, 'port 4317'],
    [{ url: 'http://a:b@h:4317/v1/logs' }, '`http://***@h:4318/v1/logs`'],
    [{ endpoint: 'http://h/v1/logs' }, 'Use `url`'],
    [{ endpoint: 'http://h', url: 'http://i' }, 'Ignored `endpoint`'],
  ])('warns of a probable mistake: %j', (options, part) => {
    expect(warnings(options)).toEqual([expect.stringContaining(part)])
  })
})

describe('the original text', () => {
  const body = 'line'
  const recordAttributes = ['log.record.original'] as const

  it.each<[OtlpOptions, boolean]>([
    [{}, false],
    [{ body }, true],
    [{ recordAttributes }, true],
    [{ body, redact: { paths: ['a'] } }, false],
    [{ body, transform: (record) => record }, false],
    [{ body, httpAttributes: true }, false],
    [{ body, httpAttributes: false, filter: () => true }, true],
  ])('is kept only where it is sent, and nothing is taken out of records: %j', (options, kept) => {
    expect(settings(options).keepsOriginal).toBe(kept)
    expect(warnings(options)).toEqual([])
  })

  it('is one warning where it was asked for, and something is taken out', () => {
    expect(settings({ recordAttributes, httpAttributes: true }).keepsOriginal).toBe(false)
    expect(warnings({ recordAttributes, httpAttributes: true })).toEqual([
      'Left out `log.record.original`, because it would have what `httpAttributes` takes out',
    ])
  })
})

describe('unknown options', () => {
  it('are one warning that names each with what was probably meant', () => {
    expect(warnings({ endpont: 'x', timeout: 1, zebra: 1, limits: { attributeCount: 1 }, hashkey: 'k' })).toEqual([
      'Ignored unknown options: `endpont` (did you mean `endpoint`?), `timeout` (did you mean `timeoutMillis`?), `zebra`,' +
        ' `hashkey` (did you mean `redact.hashKey`?), `limits.attributeCount` (did you mean `limits.attributeCountLimit`?)',
    ])
    expect(warnings({ level: 'info' })).toEqual(['Ignored unknown option: `level` (did you mean `minimumSeverity`?)'])
    expect(warnings({ serviceName: 'a', host: 'b' })).toEqual([
      'Ignored unknown options: `serviceName` (did you mean `resource`?), `host` (did you mean `endpoint`?)',
    ])
  })

  it('do not include what pino adds for its worker', () => {
    expect(warnings({ $context: {}, pinoWillSendConfig: true })).toEqual([])
  })

  it('show no values', () => {
    expect(warnings({ apiKey: 'sesame' }).join()).not.toContain('sesame')
  })
})

describe('invalid options', () => {
  it.each<[object, string]>([
    [{ endpoint: 4318 }, 'Expected `endpoint` to be an absolute URL with http:// or https://, got `4318` (number)'],
    [
      { endpoint: 'localhost:4318' },
      'Expected `endpoint` to be an absolute URL with http:// or https:// (perhaps `http://localhost:4318`), got `localhost:4318` (string)',
    ],
    [
      { endpoint: 'grpc://h' },
      'Expected `endpoint` to be an absolute URL with http:// or https://, got `grpc://h` (string)',
    ],
    [{ endpoint: '' }, 'got `` (string)'],
    [{ url: 'http://' }, 'Expected `url` to be an absolute URL'],
    [{ url: 'http://h', endpoint: 'nowhere' }, 'Expected `endpoint`'],
    [
      { protocol: 'thrift' },
      'Expected `protocol` to be one of `http/protobuf`, `http/json`, `grpc`, got `thrift` (string)',
    ],
    [{ headers: 'a=b' }, 'Expected `headers` to be an object of strings, got a string'],
    [
      { headers: { a: 1 } },
      'Expected `headers.a` to be a string of Latin-1 characters without line breaks, got a number',
    ],
    [{ headers: { a: 'b\nc' } }, 'Expected `headers.a` to be a string of Latin-1'],
    [{ headers: { 'a b': 'c' } }, 'Expected `headers` to be an object whose keys are header names'],
    [{ compression: 'GZIP' }, 'Expected `compression` to be one of `none`, `gzip`, `zstd`, got `GZIP` (string)'],
    [{ timeoutMillis: '10' }, 'Expected `timeoutMillis` to be an integer from 0 to 2147483647, got `10` (string)'],
    [{ timeoutMillis: 2 ** 31 }, 'Expected `timeoutMillis`'],
    [{ timeoutMillis: Infinity }, 'Expected `timeoutMillis`'],
    [{ resource: 'orders' }, 'Expected `resource` to be an object of attributes'],
    [{ resource: { '': 1 } }, 'got an object'],
    [{ resource: [] }, 'got an array'],
    [{ detectors: 'env' }, 'Expected `detectors` to be an array, got `env` (string)'],
    [{ detectors: ['env', 'os'] }, 'Expected `detectors[1]` to be one of `env`, `host`'],
    [{ scope: 'orders' }, 'Expected `scope` to be `name` or an object'],
    [{ scope: { version: '1' } }, 'Expected `scope.name` to be a string that is not empty, got undefined'],
    [
      { minimumSeverity: 25 },
      'Expected `minimumSeverity` to be an integer from 0 to 24 or a short name such as `INFO`',
    ],
    [{ minimumSeverity: 'loud' }, 'got `loud` (string)'],
    [{ minimumSeverity: 'INFO5' }, 'got `INFO5` (string)'],
    [{ severity: { audit: 0 } }, 'Expected `severity.audit` to be an integer from 1 to 24, got `0` (number)'],
    [{ profile: 'elastic' }, 'Expected `profile` to be one of `loki`, got `elastic` (string)'],
    [{ severityText: 'long' }, 'Expected `severityText` to be one of `source`, `short`, got `long` (string)'],
    [{ attributes: 'dotted' }, 'Expected `attributes` to be one of `nested`, `flat`, `json`, got `dotted` (string)'],
    [{ body: true }, 'Expected `body` to be one of `message`, `line`, got `true` (boolean)'],
    [{ httpAttributes: 'yes' }, 'Expected `httpAttributes` to be true or false, got `yes` (string)'],
    [{ httpHeaders: 'x-id' }, 'Expected `httpHeaders` to be an array, got `x-id` (string)'],
    [{ httpHeaders: [''] }, 'Expected `httpHeaders[0]` to be a string that is not empty'],
    [
      { recordAttributes: ['uid'] },
      'Expected `recordAttributes[0]` to be one of `log.record.original`, `log.record.uid`',
    ],
    [{ keys: { time: '' } }, 'Expected `keys.time` to be a string that is not empty, got `` (string)'],
    [{ keys: 'msg' }, 'Expected `keys` to be an object such as `{ message: … }`, got `msg` (string)'],
    [{ redact: ['a'] }, 'Expected `redact` to be an object such as `{ paths: … }`, got an array'],
    [{ redact: null }, 'Expected `redact` to be an object such as `{ paths: … }`, got null'],
    [{ redact: {} }, 'Expected `redact.paths` to be an array of paths, got undefined'],
    [
      { redact: { paths: ['a['] } },
      'Expected `redact.paths` to have paths such as "user.email" or "items[*].token", got "a[" (wrong at character 2)',
    ],
    [{ redact: { paths: [''] } }, 'Expected `redact.paths[0]` to be a string that is not empty'],
    [{ redact: { paths: [], censor: 1 } }, 'Expected `redact.censor` to be a string, got `1` (number)'],
    [
      { redact: { paths: [], censor: 'hash' } },
      'Expected `redact.hashKey` to be a string of at least 16 characters, which',
    ],
    [
      { redact: { paths: [], hashKey: 'short' } },
      'Expected `redact.hashKey` to be a string of at least 16 characters, got a string',
    ],
    [
      { limits: { attributeCountLimit: -1 } },
      'Expected `limits.attributeCountLimit` to be an integer from 0 up or Infinity, got `-1`',
    ],
    [{ limits: { attributeValueLengthLimit: NaN } }, 'got `NaN` (number)'],
    [{ limits: 5 }, 'Expected `limits` to be an object such as `{ attributeCountLimit: … }`, got `5` (number)'],
    [
      { journal: '/var/lib/orders' },
      'Expected `journal` to be an object such as `{ directory: … }`, got `/var/lib/orders` (string)',
    ],
    [{ maxRecordBytes: 1023 }, 'Expected `maxRecordBytes` to be an integer from 1024 up, got `1023` (number)'],
    [{ maxQueueBytes: 0 }, 'Expected `maxQueueBytes` to be an integer from 65536 up, got `0` (number)'],
    [{ maxQueueSize: 0 }, 'Expected `maxQueueSize` to be an integer from 1 up or Infinity, got `0` (number)'],
    [{ maxExportBatchSize: 1.5 }, 'Expected `maxExportBatchSize` to be an integer from 1 up, got `1.5` (number)'],
    [{ maxExportBatchBytes: 67108865 }, 'Expected `maxExportBatchBytes` to be an integer from 1024 to 67108864'],
    [{ scheduledDelayMillis: -1 }, 'Expected `scheduledDelayMillis`'],
    [{ exportTimeoutMillis: 10n }, 'got `10` (bigint)'],
    [
      { closeTimeoutMillis: 9001 },
      'Expected `closeTimeoutMillis` to be an integer from 0 to 9000, got `9001` (number)',
    ],
    [{ overflow: 'block' }, 'Expected `overflow` to be one of `drop-oldest`, `drop-newest`'],
    [{ concurrency: 33 }, 'Expected `concurrency` to be an integer from 1 to 32'],
    [{ closeOnSignals: 'true' }, 'Expected `closeOnSignals` to be true or false, got `true` (string)'],
    [{ enabled: null }, 'Expected `enabled` to be true or false, got null'],
    [{ diagnostics: true }, 'Expected `diagnostics` to be one of `stderr`, `verbose`, `none`, got `true` (boolean)'],
    [{ filter: 'x' }, 'Expected `filter` to be a function, got `x` (string)'],
    [{ transform: {} }, 'Expected `transform` to be a function, got an object'],
    [{ onReport: [] }, 'Expected `onReport` to be a function, got an array'],
  ])('%j is refused with name, value and what is expected', (options, message) => {
    expect(messageOf(options)).toContain(message)
  })

  it.each([1, 'x', [], new Map()])('are refused when they are no object: %p', (options) => {
    expect(messageOf(options)).toContain('Expected `options` to be an object, got ')
  })

  it('show at most 80 characters of a value, in one line', () => {
    expect(messageOf({ overflow: `a\n${'😀'.repeat(200)}` })).toContain(`got \`a ${'😀'.repeat(78)}...\` (string)`)
  })

  it.each([
    { headers: { authorization: 'sesame\n' } },
    { headers: { 'authorization: sesame': 'x' } },
    { headers: 'authorization=sesame' },
    { redact: { paths: ['a'], censor: 'hash', hashKey: 'sesame' } },
    { endpoint: 'ftp://me:sesame@h' },
    { endpoint: 'me:sesame@h:4318' },
    { endpoint: 'sesame@h' },
  ])('never show a secret: %j', (options) => {
    expect(messageOf(options)).not.toContain('sesame')
  })
})

describe('environment', () => {
  it.each<[Env, Partial<Settings>]>([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://h:1/otlp/' }, { url: 'http://h:1/otlp/v1/logs' }],
    [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://h:1' }, { url: 'http://h:1/' }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/JSON' }, { protocol: 'http/json' }],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'Api-Key=a' }, { headers: { 'api-key': 'a' } }],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'GZIP' }, { compression: 'gzip' }],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '5' }, { timeoutMillis: 5 }],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '0' }, { timeoutMillis: 0 }],
    [{ OTEL_BLRP_SCHEDULE_DELAY: '0' }, { scheduledDelayMillis: 0 }],
    [{ OTEL_BLRP_EXPORT_TIMEOUT: ' 5 ' }, { exportTimeoutMillis: 5 }],
    [{ OTEL_BLRP_MAX_QUEUE_SIZE: '5' }, { maxQueueSize: 5, maxExportBatchSize: 5 }],
    [{ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '5' }, { maxExportBatchSize: 5 }],
    [{ OTEL_ATTRIBUTE_COUNT_LIMIT: '0' }, { attributeCountLimit: 0 }],
    [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '0' }, { attributeValueLengthLimit: 0 }],
    [{ OTEL_SDK_DISABLED: 'True' }, { enabled: false }],
    [{ OTEL_SDK_DISABLED: 'false' }, { enabled: true }],
    [{ OTEL_LOGS_EXPORTER: 'none' }, { enabled: false }],
    [{ OTEL_LOGS_EXPORTER: 'OTLP' }, { enabled: true }],
    [{ OTEL_SDK_DISABLED: 'false', OTEL_LOGS_EXPORTER: 'none' }, { enabled: false }],
  ])('C6, C9, C13, C15, C16, K6: %j is taken', (env, expected) => {
    expect(settings({}, env)).toMatchObject(expected)
    expect(warnings({}, env)).toEqual([])
  })

  it('C7: splits headers at commas and the first equals sign, trims and decodes', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: ' authorization = Basic%20YQ%3D%3D , k=x=y,empty=,' }
    expect(settings({}, env).headers).toEqual({ authorization: 'Basic YQ==', k: 'x=y', empty: '' })
    expect(warnings({}, env)).toEqual([])
  })

  it('C7: leaves a bad header out, keeps the others and shows no value', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1,sesame,b=%ZZsesame,Authorization: Bearer sesame=,c=sesame%0A,=sesame,d=2',
    }
    expect(settings({}, env).headers).toEqual({ a: '1', d: '2' })
    expect(warnings({}, env)).toEqual([
      'Ignored a part of OTEL_EXPORTER_OTLP_HEADERS (value not shown): item 2 has no `=`, item 3 is not percent-encoded,' +
        ' item 4 has a key that is not a header name, item 5 has characters that no header may have, item 6 has no key. Using the rest.',
    ])
  })

  it.each(Object.values(OPTIONS).flatMap((row) => row.environment.map((variable) => variable.name)))(
    'C10: %s counts as unset when it is empty',
    (name) => {
      expect(resolveOptions({}, { env: { [name]: ' ' } })).toEqual(resolveOptions({}, { env: {} }))
    },
  )
})

describe('invalid environment', () => {
  it.each<[Env, string]>([
    [
      { OTEL_BLRP_MAX_QUEUE_SIZE: '-5' },
      'Ignored OTEL_BLRP_MAX_QUEUE_SIZE=`-5`: expected an integer from 1 up. Using `Infinity`.',
    ],
    [
      { OTEL_BLRP_MAX_QUEUE_SIZE: 'abc' },
      'Ignored OTEL_BLRP_MAX_QUEUE_SIZE=`abc`: expected an integer from 1 up. Using `Infinity`.',
    ],
    [
      { OTEL_BLRP_MAX_QUEUE_SIZE: '0' },
      'Ignored OTEL_BLRP_MAX_QUEUE_SIZE=`0`: expected an integer from 1 up. Using `Infinity`.',
    ],
    [{ OTEL_BLRP_SCHEDULE_DELAY: '1.5' }, 'expected an integer from 0 to 2147483647. Using `1000`.'],
    [{ OTEL_BLRP_EXPORT_TIMEOUT: '9'.repeat(20) }, 'Using `30000`.'],
    [{ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '0' }, 'Using `8192`.'],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '-1' }, 'Using `10000`.'],
    [{ OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: 'x' }, 'Using `128`.'],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'http' },
      'expected one of `http/protobuf`, `http/json`, `grpc`. Using `http/protobuf`.',
    ],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'br' }, 'Using `none`.'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
      'expected an absolute URL with http:// or https:// (perhaps `http://collector:4318`). Using `http://localhost:4318/v1/logs`.',
    ],
    [
      { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'ftp://me:sesame@h' },
      'Ignored OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=`ftp://***@h`',
    ],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'sesame' }, '(value not shown): item 1 has no `=`. Using nothing of it.'],
    [{ OTEL_SDK_DISABLED: '1' }, 'Ignored OTEL_SDK_DISABLED=`1`: expected true or false. Using `false`.'],
    [{ OTEL_LOGS_EXPORTER: 'console' }, 'only `otlp` and `none` mean something here. Using `otlp`.'],
    [{ OTEL_LOGS_EXPORTER: 'otlp,console' }, 'Using `otlp`.'],
    [
      { OTEL_RESOURCE_ATTRIBUTES: 'a=b,c' },
      'Ignored OTEL_RESOURCE_ATTRIBUTES=`a=b,c`: item 2 has no `=`. Using nothing of it.',
    ],
  ])('C9, C11, C12, C17: %j is one warning and the default', (env, message) => {
    const { settings: settled, warnings: said } = resolveOptions({}, { env })
    expect(said).toEqual([expect.stringContaining(message)])
    expect(said[0]).not.toContain('sesame')
    expect(settled).toEqual(settings())
  })
})

describe('precedence', () => {
  const LOGS = 'OTEL_EXPORTER_OTLP_LOGS_'
  const ANY = 'OTEL_EXPORTER_OTLP_'
  it.each<[string, OtlpOptions, Env, Partial<Settings>, Partial<Settings>, Partial<Settings>]>([
    [
      'ENDPOINT',
      { endpoint: 'http://code' },
      { logs: 'http://logs', any: 'http://any' },
      { url: 'http://code/v1/logs' },
      { url: 'http://logs/' },
      { url: 'http://any/v1/logs' },
    ],
    [
      'PROTOCOL',
      { protocol: 'http/protobuf' },
      { logs: 'http/json', any: 'http/protobuf' },
      { protocol: 'http/protobuf' },
      { protocol: 'http/json' },
      { protocol: 'http/protobuf' },
    ],
    [
      'HEADERS',
      { headers: { a: 'code' } },
      { logs: 'a=logs', any: 'a=any,b=any' },
      { headers: { a: 'code' } },
      { headers: { a: 'logs' } },
      { headers: { a: 'any', b: 'any' } },
    ],
    [
      'COMPRESSION',
      { compression: 'none' },
      { logs: 'gzip', any: 'zstd' },
      { compression: 'none' },
      { compression: 'gzip' },
      { compression: 'zstd' },
    ],
    [
      'TIMEOUT',
      { timeoutMillis: 1 },
      { logs: '2', any: '3' },
      { timeoutMillis: 1 },
      { timeoutMillis: 2 },
      { timeoutMillis: 3 },
    ],
  ])('C6, C19: option > LOGS_%s > the general variable', (what, options, texts, code, logs, any) => {
    const env = { [`${LOGS}${what}`]: texts['logs']!, [`${ANY}${what}`]: texts['any']! }
    const pick = (settled: Settings) =>
      Object.fromEntries(Object.keys(code).map((key) => [key, settled[key as keyof Settings]]))
    expect(pick(settings(options, env))).toEqual(code)
    expect(pick(settings({}, env))).toEqual(logs)
    expect(pick(settings({}, { [`${ANY}${what}`]: texts['any']! }))).toEqual(any)
  })

  it('K5: option > log-specific limit > general limit', () => {
    const env = { OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '5', OTEL_ATTRIBUTE_COUNT_LIMIT: '9' }
    expect(settings({}, env).attributeCountLimit).toBe(5)
    expect(settings({ limits: { attributeCountLimit: 1 } }, env).attributeCountLimit).toBe(1)
  })

  it('lets a right general variable stand in for a wrong log-specific one', () => {
    const env = { OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: 'x', OTEL_EXPORTER_OTLP_TIMEOUT: '3' }
    expect(settings({}, env).timeoutMillis).toBe(3)
    expect(warnings({}, env)).toEqual([expect.stringContaining('Ignored OTEL_EXPORTER_OTLP_LOGS_TIMEOUT=`x`')])
    expect(warnings({}, env)[0]).toContain('Using `3`.')
  })

  it('C15: an option beats OTEL_SDK_DISABLED and OTEL_LOGS_EXPORTER', () => {
    expect(settings({ enabled: true }, { OTEL_SDK_DISABLED: 'true', OTEL_LOGS_EXPORTER: 'none' }).enabled).toBe(true)
  })

  it('does not warn of a variable that an option beats', () => {
    expect(warnings({ timeoutMillis: 1 }, { OTEL_EXPORTER_OTLP_TIMEOUT: 'x' })).toEqual([])
    expect(
      warnings({ url: 'http://h' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'x', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'x' }),
    ).toEqual([])
  })
})

describe("pipeline: 'sdk'", () => {
  const env = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=of-somebody-else' }

  it('tells of headers of the environment, which an SDK adds to those of the option', () => {
    const options = { pipeline: 'sdk', headers: { 'x-tenant': 'a' } }
    expect(warnings(options, env)).toEqual([
      expect.stringMatching(/^The OpenTelemetry SDK sends the headers of OTEL_EXPORTER_OTLP_HEADERS, too/),
    ])
    expect(warnings(options)).toEqual([])
    expect(warnings({ headers: {} }, env)).toEqual([])
  })
})
