// What users may ask for about the records themselves: how they look to a backend. A part of OtlpOptions. Types only.

export type RecordAttribute = 'log.record.original' | 'log.record.uid'

/** How records look. */
export interface RecordOptions {
  /**
   * Defaults of other options that suit a backend. `'loki'` keeps records within Loki's limits: flat attributes, no more and no longer
   * than it takes, stack traces in the line, levels that it knows. Options that are given win (docs/mapping.md, Loki).
   * @default none
   */
  profile?: 'loki' | undefined
  /**
   * What stands in `severityText`: the level as the logger spells it, or the data model's short name of its number, such as
   * `INFO` or `ERROR2`. Choose `'short'` for a backend that knows no other names (logs/data-model.md, Displaying Severity).
   * @default 'source'
   */
  severityText?: 'source' | 'short' | undefined
  /**
   * What becomes of nested attributes: maps and arrays as they are; one attribute for each value in them, under its dotted path;
   * or JSON text. Choose `'flat'` or `'json'` for a backend that shows no nested ones.
   * @default 'nested'
   */
  attributes?: 'nested' | 'flat' | 'json' | undefined
  /**
   * What the body is: the message, or the whole JSON line, which LogQL's `| json` takes apart. With `redact`, `transform` or
   * `httpAttributes` the line is written anew from what is left of the record.
   * @default 'message'
   */
  body?: 'message' | 'line' | undefined
  /**
   * Whether what HTTP loggers write (pino-http, Fastify, express-winston) is sent under the names of semantic conventions, such as
   * `http.request.method` and `url.path`, instead of `req` and `res`. Use it where logs and traces are searched together.
   * @default false
   */
  httpAttributes?: boolean | undefined
  /**
   * Headers that `httpAttributes` sends as `http.request.header.*` and `http.response.header.*`. Those that hold credentials
   * (`authorization`, `cookie`, …) are left out of everything, unless they are named here.
   * @default []
   */
  httpHeaders?: readonly string[] | undefined
  /**
   * Attributes about the record itself: `'log.record.uid'`, by which a backend drops a record that came twice, and
   * `'log.record.original'`, the line as pino wrote it. The latter needs a record of which nothing is taken out, see `body`.
   * @default []
   */
  recordAttributes?: readonly RecordAttribute[] | undefined
}
