// What users may ask for about TLS. A part of OtlpOptions. Types only.

/** Certificates and keys, each as PEM text, its bytes, or the path of a PEM file, which is read again when it changes. */
export interface TlsOptions {
  /**
   * The certificates of the authorities that may sign the server's, in place of those that Node trusts. Set it for a private authority.
   * Environment: `OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE`, then `OTEL_EXPORTER_OTLP_CERTIFICATE`.
   * @default those of Node
   */
  ca?: string | Uint8Array | undefined
  /**
   * The client's certificate, and the chain behind it. Set it for a server that asks for one (mTLS).
   * Environment: `OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE`, then `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`.
   * @default none
   */
  cert?: string | Uint8Array | undefined
  /**
   * The private key of `tls.cert`, not encrypted. Required with it.
   * Environment: `OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY`, then `OTEL_EXPORTER_OTLP_CLIENT_KEY`.
   * @default none
   */
  key?: string | Uint8Array | undefined
}
