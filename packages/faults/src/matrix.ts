// The fault matrix: every fault by its number, how the tests provoke it, and what must hold. Titles of tests begin with
// these numbers; docs/faults.md is written from this file.
// What must hold everywhere stands in CRITERION, and is not repeated in the rows.

import { JOURNAL_FAULTS } from './journal-matrix.ts'

export const CRITERION = [
  'Conservation, exact and at any moment: received = sent + filtered + dropped + waiting, and every drop has a name.',
  'What arrives is what was logged: no payload is changed.',
  'A new line arrives within 5 s after the fault has ended.',
  "The app's exit code, its stack traces and its signals are what they would be without us.",
  'On stderr at most one line for each kind of trouble, then again after 1, 10 and 60 minutes.',
  "On the app's thread no pause beyond 5 ms (p99 of the event loop's delay), in memory no more than the bound plus 32 MiB.",
] as const

export interface Fault {
  number: `F${number}`
  fault: string
  /** How the tests bring it about. */
  provoked: string
  /** What must hold beyond CRITERION. */
  holds: string
  /**
   * Where it is judged: `network` once, at the pipeline, real sockets and a clock of the test's; `process` and `app` in
   * apps of their own, in every mode that the fault concerns.
   */
  judged: 'network' | 'process' | 'app'
}

export const MATRIX: readonly Fault[] = [
  {
    number: 'F01',
    fault: 'The collector answers 503 for a minute, or to every other request',
    provoked: 'scripted answers',
    holds: 'nothing is lost or doubled; one request at a time while it fails; asked again at most 4 s after it is back',
    judged: 'network',
  },
  {
    number: 'F02',
    fault: 'It answers 429 or 503 with `Retry-After: 30`',
    provoked: 'scripted answers',
    holds: 'nothing is lost; no request before the 30 s are over, nor more than a fifth later',
    judged: 'network',
  },
  {
    number: 'F03',
    fault: '`Retry-After` of `0`, `-5`, `soon`, a past date, `86400`, or of a megabyte',
    provoked: 'scripted answers',
    holds: 'the gaps are never below the back-off, nor above 300 s and a fifth; nothing is lost, Node warns of nothing',
    judged: 'network',
  },
  {
    number: 'F04',
    fault: 'It takes a request and never answers; or its process is frozen',
    provoked: 'an answer that hangs; SIGSTOP',
    holds: 'an attempt ends at `timeoutMillis`, one socket is open at most, nothing is lost when it goes on',
    judged: 'network',
  },
  {
    number: 'F05',
    fault: 'The connection is reset before the answer, in its middle, or closed just when it is used again',
    provoked: 'a TCP reset; a server that closes idle connections',
    holds:
      'nothing is lost, one batch at most comes twice for each reset; the closed connection costs no wait and no double',
    judged: 'network',
  },
  {
    number: 'F06',
    fault: 'An answer that drips, one of 5 MiB, one that unpacks to gigabytes',
    provoked: 'scripted bodies',
    holds:
      'the time of an attempt is total, not idle; at most 8 MiB more memory; a 2xx status line counts as delivered',
    judged: 'network',
  },
  {
    number: 'F07',
    fault: '413 above 1 MiB',
    provoked: 'a receiver with a limit',
    holds:
      'every record within the limit arrives; only those that are too large are dropped, as `record_too_large`; at most 2 log2(n) + 2 requests for each of them; a default batch stays below the usual 4 MiB',
    judged: 'network',
  },
  {
    number: 'F08',
    fault: '400 for a batch that holds one poisonous record',
    provoked: 'a receiver with a rule',
    holds: 'one request for that batch, which is dropped as `rejected`; the next goes at once',
    judged: 'network',
  },
  {
    number: 'F09',
    fault: 'Partial success: three rejected; none rejected with a message; an empty one',
    provoked: 'scripted answers',
    holds: 'never sent again; three dropped as `rejected`; one warning; nothing',
    judged: 'network',
  },
  {
    number: 'F10',
    fault: '401, 403, 404, 500, 501; a redirect to another host',
    provoked: 'scripted answers; a second receiver',
    holds:
      'the request is not sent again, but once with fresh headers after a 401 where `headers` is a function; no redirect is followed, and no header reaches the other host',
    judged: 'network',
  },
  {
    number: 'F11',
    fault: 'A certificate that is expired, self-signed or for another host, renewed later',
    provoked: 'certificates of openssl, exchanged while the receiver runs',
    holds: 'nothing is lost after the renewal; the message names the trouble; verification stays on',
    judged: 'network',
  },
  {
    number: 'F12',
    fault: 'No such host, a resolver that fails for a while, nobody at the port at start',
    provoked: 'a name that cannot exist; a resolver of the test; a closed port',
    holds:
      'making the transport takes no noticeable time, nothing is lost, the name is asked for again at each attempt',
    judged: 'network',
  },
  {
    number: 'F13',
    fault: 'Twenty processes with a backlog, and a collector back from an outage that takes 50 requests a second',
    provoked: '20 apps, one receiver',
    holds:
      'at most 20 requests in the first second, at most a tenth answered 429, everything delivered, new lines within 5 s (p95)',
    judged: 'process',
  },
  ...JOURNAL_FAULTS,
  {
    number: 'F27',
    fault: '`process.exit(0)` right after 1, 1000, 100 000 lines, before the transport is ready',
    provoked: 'apps of their own',
    holds: 'nothing is lost; with a healthy collector the exit takes at most 2 s longer',
    judged: 'process',
  },
  {
    number: 'F28',
    fault: '`process.exit` while the collector hangs',
    provoked: 'an answer that hangs',
    holds: 'the process ends within 5.5 s, with its own code, and says the exact number that was not delivered',
    judged: 'process',
  },
  {
    number: 'F29',
    fault: 'SIGTERM: without a handler, with one that closes, with `closeOnSignals`',
    provoked: 'signals',
    holds:
      'without: the signal ends the process as ever, and what waits is lost (a journal keeps it); with: nothing is lost. No listener is added unless asked for',
    judged: 'process',
  },
  {
    number: 'F30',
    fault: 'An uncaught exception, an unhandled rejection, `process.abort`, out of memory',
    provoked: 'apps of their own',
    holds: 'of the first two nothing is lost; of all, code, signal and stack are those of an app without us',
    judged: 'process',
  },
  {
    number: 'F31',
    fault: "The transport's worker exits, throws, runs out of memory or is terminated",
    provoked: 'a hook in the worker',
    holds:
      '`otlpTransport`: the app lives, what was lost is counted as `worker_died`, another worker starts within 1 s, and later lines arrive. A plain target: pino ends the app, with or without us',
    judged: 'process',
  },
  {
    number: 'F32',
    fault: "The app's event loop, or the worker's, is blocked",
    provoked: 'a busy loop',
    holds: 'a worker goes on sending; no request counts as timed out whose answer was there in time; nothing is lost',
    judged: 'process',
  },
  {
    number: 'F33',
    fault: '100 000 lines in one tick, a million at full speed, to a healthy collector',
    provoked: 'a loop',
    holds: 'nothing is lost within the bound; beyond it every loss is counted as `queue_full`, and the sum is exact',
    judged: 'process',
  },
  {
    number: 'F34',
    fault: 'The clock jumps a year either way; the process is suspended',
    provoked: "the test's clock; SIGSTOP",
    holds:
      'nothing is dropped for its age, the order is kept, waits are neither cut nor frozen, times of records are untouched',
    judged: 'app',
  },
  {
    number: 'F35',
    fault: 'Lines of 1 MiB and 16 MiB; ten thousand keys',
    provoked: 'lines',
    holds: 'cut at a character, marked and counted; the neighbours arrive; no pause beyond 50 ms in the worker',
    judged: 'app',
  },
  {
    number: 'F36',
    fault: 'Values 31, 100, 100 000 levels deep, circular, with a getter or toJSON that throws',
    provoked: 'lines',
    holds: 'cut at 30 levels and marked; no stack overflow; every decoder in use reads it; the record arrives',
    judged: 'app',
  },
  {
    number: 'F37',
    fault: 'Lone surrogates, NUL, bytes that are no UTF-8, characters cut in two by chunks',
    provoked: 'lines and raw writes',
    holds: 'always valid UTF-8, U+FFFD in place of what is not; neighbours unharmed',
    judged: 'app',
  },
  {
    number: 'F38',
    fault:
      'Keys such as `__proto__`; NaN, infinities, -0, bigint, 2^53 + 1, dates, symbols, functions, maps; absurd times',
    provoked: 'lines',
    holds: 'no throw, no polluted prototype, integers exact, a time out of range is an attribute',
    judged: 'app',
  },
  {
    number: 'F39',
    fault: 'Lines that are no JSON, cut, several in a chunk, with CRLF, without an end',
    provoked: 'raw writes',
    holds: 'each bad line is one record or one `invalid_line`; the next is unharmed',
    judged: 'app',
  },
  {
    number: 'F40',
    fault: 'Secrets; our own errors while we are the logger; flush, flush and close while logging',
    provoked: 'a canary in headers, URL and environment, echoed by the server; concurrent calls',
    holds:
      'the canary is nowhere in what we print or send beside its header; our failures make no records but `otlp_logs.dropped`; each promise waits for its own records',
    judged: 'app',
  },
]
