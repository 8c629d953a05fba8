// The OpenTelemetry SDK as far as its batch processor and exporter use it: emit, gather, serialize. It is the newest, which
// is packages/oracle's, since here its packages would share one version of the API with an older one.

import { createRequire } from 'node:module'

const oracle = createRequire(new URL('../../../oracle/package.json', import.meta.url))

interface SdkModules {
  LoggerProvider: new (options: object) => { getLogger(name: string, version: string): { emit(record: object): void } }
  resourceFromAttributes(attributes: object): object
}

interface Transformer {
  ProtobufLogsSerializer: Serializer
  JsonLogsSerializer: Serializer
}

interface Serializer {
  serializeRequest(records: readonly unknown[]): Uint8Array | undefined
}

export interface Sdk {
  emit(record: object): void
  /** Serializes what was emitted since, and gives the bytes. */
  serialize(): number
}

export function openSdk(protocol: 'http/protobuf' | 'http/json', attributes: object): Sdk {
  const { LoggerProvider } = oracle('@opentelemetry/sdk-logs') as SdkModules
  const { resourceFromAttributes } = oracle('@opentelemetry/resources') as SdkModules
  const exporter = createRequire(oracle.resolve('@opentelemetry/exporter-logs-otlp-proto'))
  const { ProtobufLogsSerializer, JsonLogsSerializer } = exporter('@opentelemetry/otlp-transformer') as Transformer
  const serializer = protocol === 'http/json' ? JsonLogsSerializer : ProtobufLogsSerializer
  let gathered: unknown[] = []
  const processor = {
    onEmit: (record: unknown) => void gathered.push(record),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  }
  const provider = new LoggerProvider({ resource: resourceFromAttributes(attributes), processors: [processor] })
  const logger = provider.getLogger('pino-otlp', '1.0.0')
  return {
    emit: (record) => logger.emit(record),
    serialize() {
      const records = gathered
      gathered = []
      return serializer.serializeRequest(records)!.length
    },
  }
}
