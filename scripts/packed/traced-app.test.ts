// Apps that trace with the OpenTelemetry SDK, in the two major versions that are in use: the installation is quiet, the
// types fit, and a line that is logged inside a span carries the span's ids.

import {
  type AppOptions,
  makeTempFolder,
  type Receiver,
  runApp,
  startReceiver,
  type TempFolder,
} from '@otlp-logs/test-support'
import { PINO_CONSUMER, typecheck } from './consumer.ts'
import { install, ours, WARNINGS } from './npm.ts'
import { throughSdkProgram, type TracedWay, tracedProgram } from './programs.ts'

const LOGS = ['api-logs', 'sdk-logs', 'exporter-logs-otlp-proto'].map((name) => `@opentelemetry/${name}@0.223`)
const SDKS = [
  [2, ['api@1.9', 'sdk-trace-node@2', 'context-async-hooks@2', 'resources@2'].map(ofOpenTelemetry).concat(LOGS)],
  [
    3,
    [
      'api@1.10',
      'sdk-trace@3',
      'context-async-hooks@3',
      'resources@3',
      'sdk-logs@3',
      'exporter-logs-otlp-proto@0.301',
    ].map(ofOpenTelemetry),
  ],
] as const

function ofOpenTelemetry(name: string): string {
  return `@opentelemetry/${name}`
}

describe.each(SDKS)('an app on OpenTelemetry JS %i.x', (sdk, packages) => {
  let app: TempFolder
  let receiver: Receiver
  let said: string

  beforeAll(async () => {
    app = makeTempFolder()
    said = await install(app.path, [...packages, 'pino@10', ...ours('pino-otlp')])
  }, 120_000)
  afterAll(() => app.remove())
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(() => receiver.close())

  /** The line as it was printed, and the ids of the span in which it was logged. */
  async function runTraced(way: TracedWay): Promise<Record<string, unknown>[]> {
    const options: AppOptions = { resolveFrom: app.path, extension: 'cjs', args: [receiver.endpoint] }
    const { code, stdout, stderr } = await runApp(tracedProgram(sdk, way), options)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const printed = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    // The mixin's line is written when pino's destination is, which may be after console.log.
    return printed.toSorted((a, b) => Number('traceId' in a) - Number('traceId' in b))
  }

  it('installs without a warning', () => {
    expect(said).not.toMatch(WARNINGS)
  })

  it.each(['otlpTransport', 'otlpStream'] as const)(
    'sends the active span by %s and keeps it out of stdout',
    async (way) => {
      const [line, span] = await runTraced(way)
      const [record] = await receiver.waitForRecords(1)
      expect(record).toMatchObject({ body: 'inside', traceId: span?.['traceId'], spanId: span?.['spanId'] })
      expect(Object.keys(line ?? {})).toEqual(['level', 'time', 'pid', 'hostname', 'msg'])
    },
  )

  it('prints the active span by the traceContext mixin', async () => {
    const [line, span] = await runTraced('traceContext')
    expect(line).toMatchObject({ msg: 'inside', trace_id: span?.['traceId'], span_id: span?.['spanId'] })
  })

  it.each(['global', 'given', 'sdk'] as const)('ships through its own SDK: %s', async (way) => {
    const options: AppOptions = { resolveFrom: app.path, extension: 'cjs', args: [receiver.endpoint] }
    expect(await runApp(throughSdkProgram(sdk, way), options)).toMatchObject({ code: 0, stderr: '' })
    expect(receiver.records).toMatchObject([{ body: 'through', resource: { 'telemetry.sdk.name': 'opentelemetry' } }])
  })

  it.each(['node16', 'bundler'] as const)(
    'type-checks under moduleResolution %s',
    async (resolution) => {
      expect(await typecheck(app.path, PINO_CONSUMER, { resolution })).toBe('')
    },
    60_000,
  )
})
