// What the rest of the core is told: options that are checked, merged with the environment, with defaults filled in.
// resolve-options.ts makes them of OtlpOptions. Types only.

import type { Compression, DiagnosticsMode, HeadersRecord, Overflow, Protocol } from './options.ts'
import type { LoggerProviderLike } from './logger-provider.ts'
import type { LogRecord, Scope } from './record.ts'
import type { RecordAttribute, RecordOptions } from './record-options.ts'
import type { Report } from './report.ts'

export interface JournalSettings {
  readonly directory: string
  readonly maxBytes: number
  readonly maxAgeMillis: number
  readonly segmentBytes: number
  readonly fsync: 'interval' | 'batch' | 'none'
  readonly evict: 'oldest' | 'newest'
  readonly minFreeBytes: number
  readonly tenant: string | undefined
}

/** PEM text, and where it comes from. */
export interface Pem {
  readonly text: string
  /** The option or the variable. */
  readonly name: string
  /** The file, when it was one. */
  readonly path: string | undefined
}

/** What a connection is secured with beside what Node knows. */
export interface TlsSettings {
  /** Trusted in place of Node's own authorities. */
  readonly ca: Pem | undefined
  /** What the client shows, and its key: both or neither. */
  readonly cert: Pem | undefined
  readonly key: Pem | undefined
}

export interface LokiSettings {
  /** Attributes of the resource that go with the records instead, as Loki would make a stream of each of their values. */
  readonly moved: Readonly<Record<string, string>>
  /** Bytes of names and values that a record's attributes may have. */
  readonly maxMetadataBytes: number
  /** Names that Loki gives itself, as it writes them. */
  readonly takenNames: readonly string[]
}

/** Settled options: checked, merged with the environment, defaults filled in. Of timeouts, 0 still means no limit. */
export interface Settings {
  readonly enabled: boolean
  /** The final URL of the requests, without userinfo. */
  readonly url: string
  readonly protocol: Protocol
  /** Names in lower case. Values are secrets: never print them. */
  readonly headers: HeadersRecord
  /** The app's function for headers that run out; what it gives is not checked yet. */
  readonly freshHeaders?: (() => unknown) | undefined
  /** Requests go through the proxy that these variables name. */
  readonly proxyEnv?: HeadersRecord | undefined
  /** Records go to this LoggerProvider, and not to the URL. */
  readonly loggerProvider?: 'global' | LoggerProviderLike | undefined
  readonly pipeline: 'own' | 'sdk'
  readonly compression: Compression
  readonly timeoutMillis: number
  /** Undefined where there is nothing beside what Node trusts, or no TLS. */
  readonly tls?: TlsSettings | undefined
  /** Settled attributes, in the order in which they are sent. */
  readonly resource: Readonly<Record<string, unknown>>
  /** Undefined: the adapter's own package. */
  readonly scope: Scope | 'name' | undefined
  readonly minimumSeverity: number
  readonly severity: Readonly<Record<string, number>>
  /** `range`: the short name without its digit, of a profile. */
  readonly severityText: NonNullable<RecordOptions['severityText']> | 'range'
  readonly attributes: NonNullable<RecordOptions['attributes']>
  readonly body: NonNullable<RecordOptions['body']>
  readonly httpAttributes: boolean
  /** In lower case. */
  readonly httpHeaders: readonly string[]
  readonly recordAttributes: readonly RecordAttribute[]
  /** What a record must fit in for Loki, with `profile: 'loki'`. */
  readonly loki?: LokiSettings | undefined
  /** Whether records bring the text that they were made of. Never where something may be taken out of them. */
  readonly keepsOriginal: boolean
  readonly keys: {
    /** Undefined here and in `error`: the logger's own configuration decides. */
    readonly message: string | undefined
    readonly error: string | undefined
    readonly time: string
    readonly level: string
    readonly nested: string | undefined
    readonly caller: string | undefined
  }
  readonly redact:
    { readonly paths: string[]; readonly censor: string; readonly hashKey: string | undefined } | undefined
  readonly attributeCountLimit: number
  readonly attributeValueLengthLimit: number
  readonly maxRecordBytes: number
  readonly maxQueueBytes: number
  readonly maxQueueSize: number
  readonly maxExportBatchSize: number
  readonly maxExportBatchBytes: number
  readonly scheduledDelayMillis: number
  readonly exportTimeoutMillis: number
  readonly closeTimeoutMillis: number
  readonly overflow: Overflow
  readonly concurrency: number
  readonly journal: JournalSettings | undefined
  readonly closeOnSignals: boolean
  readonly diagnostics: DiagnosticsMode
  readonly filter?: ((record: LogRecord) => boolean) | undefined
  readonly transform?: ((record: LogRecord) => LogRecord | undefined | null) | undefined
  readonly onReport?: ((report: Report) => void) | undefined
}
