// The one question that the sender asks of the network, and its three answers. http.ts and grpc.ts answer it;
// nobody else knows what a status code or a socket is. An Export never throws and never rejects.

/** One request's uncompressed payload: the pieces of an ExportLogsServiceRequest, to be sent in this order. */
export interface Payload {
  readonly chunks: readonly Uint8Array[]
  /** Sum of the chunks' lengths. */
  readonly bytes: number
  /** How many records it carries. */
  readonly count: number
  /** Where it is not that of the exporter: records of another process. */
  readonly contentType?: string | undefined
}

/** Accepted. `rejected` of the records were refused by a partial success, with the server's `message`. */
export interface Success {
  kind: 'success'
  rejected: number
  message?: string | undefined
  cause?: ExportCause | undefined
  /**
   * Nothing reads the payload's chunks any more, nor ever will: their memory may be written again. An answer may come
   * before the request is sent to its end, so that an exporter says this only where it knows. @default false
   */
  isPayloadFree?: boolean | undefined
}

/** What became of one request. */
export type ExportResult =
  | Success
  /** Worth another try, with the same payload: network, TLS, DNS, timeout, 429, 502, 503, 504. */
  | { kind: 'retryable'; cause: ExportCause; retryAfterMillis?: number | undefined }
  /** Final: OTLP forbids another try. `tooLarge` (413) invites smaller requests with the same records. */
  | { kind: 'failure'; cause: ExportCause; tooLarge: boolean }

/** Why a request failed, for people. */
export interface ExportCause {
  /** What went wrong in one phrase: `connect ECONNREFUSED 127.0.0.1:4318`, `HTTP 401`, `no answer within 10000 ms`. */
  readonly what: string
  /** The server's own words, already cut and masked. */
  readonly message?: string | undefined
  /** What to do about it, where that is known. */
  readonly hint?: string | undefined
  /** One word per kind, so that repeated messages can be held back: `ECONNREFUSED`, `HTTP 401`, `timeout`. */
  readonly kind: string
}

/** Sends one payload and says what became of it. */
export interface Exporter {
  /** @param onAccepted called when it is certain that the server has the records, though the answer may go on */
  export(payload: Payload, onAccepted?: () => void): Promise<ExportResult>
  /** Frees sockets. A request under way is cut. */
  close(): void
  /** What a process that is about to end needs to send payloads without this one: see exit.ts. */
  readonly plain?: PlainRequest | undefined
}

/** What `node:tls` and the exit worker take. */
export interface PlainTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** A request that any HTTP client can make: what exit.ts hands to its worker. */
export interface PlainRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Requests go through the proxy that these variables name. */
  readonly proxyEnv?: Readonly<Record<string, string>> | undefined
  readonly tls?: PlainTls | undefined
  /** By HTTP/2, with the frame and the trailers of gRPC. */
  readonly isGrpc?: boolean | undefined
}
