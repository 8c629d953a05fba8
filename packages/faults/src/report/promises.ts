// What docs/delivery.md promises, sentence by sentence. Each names the faults whose tests prove it, and where a number says
// more than a word it takes it from the figures. Nothing may stand here that no test holds, and what is not promised has
// a section of its own.

import type { Figures } from './measured.ts'

type FaultNumber = `F${number}`

export interface Promised {
  text: string | ((figures: Figures) => string)
  provenBy: readonly FaultNumber[]
}

export const MODES = [
  "pino, target `'pino-otlp'`",
  'pino, `otlpTransport`',
  'pino, `otlpStream`',
  'winston, `OtlpTransport`',
] as const

interface End {
  end: string
  /** One for each of MODES. */
  cells: readonly [string, string, string, string]
  provenBy: readonly FaultNumber[]
}

/** Variants of F23. */
const IN_PROCESS = /^(otlpStream|winston),/
const WORKER = /^(pino target|otlpTransport), 2000 /
const FAST_WORKER = /^(pino target|otlpTransport), 20000 /

/** Variants of F33. */
const BURST = /, 100000 lines/
const MILLION = /, 1000000 lines/

const ALL = (cell: string): End['cells'] => [cell, cell, cell, cell]
const DELIVERED = 'delivered'
const LOST = 'lost'

export const ENDS: readonly End[] = [
  { end: 'Natural end, `process.exit()`', cells: ALL(DELIVERED), provenBy: ['F27', 'F28'] },
  { end: 'Uncaught exception, unhandled rejection', cells: ALL(DELIVERED), provenBy: ['F30'] },
  { end: 'SIGTERM, SIGINT: nobody listens', cells: ALL(LOST), provenBy: ['F29'] },
  {
    end: 'SIGTERM, SIGINT: `closeOnSignals`',
    cells: ['no such thing', DELIVERED, DELIVERED, DELIVERED],
    provenBy: ['F29'],
  },
  {
    end: "SIGTERM, SIGINT: the app's handler",
    cells: [
      'delivered, if it ends with `process.exit()`',
      'delivered, by `process.exit()` or `close()`',
      'delivered, by `process.exit()` or `close()`',
      'delivered, by `process.exit()` or `logger.end()`',
    ],
    provenBy: ['F29'],
  },
  { end: 'SIGKILL, `process.abort()`, out of memory', cells: ALL(LOST), provenBy: ['F30'] },
  {
    end: "The transport's worker dies",
    cells: ['pino ends the app; lost', 'lost and counted, the app lives', 'has none', 'has none'],
    provenBy: ['F31'],
  },
]

export const SECTIONS: readonly { title: string; promises: readonly Promised[] }[] = [
  {
    title: 'How long that takes:',
    promises: [
      {
        text: (figures) =>
          `With a collector that answers, \`process.exit()\` right after 1000 lines, before the transport is even ready, takes at most 2 s longer; measured: ${figures.range('F27', 'exitMillis', /, 1000 lines/)}, and ${figures.range('F27', 'exitMillis', /, 100000 lines/)} after 100 000 lines.`,
        provenBy: ['F27'],
      },
      {
        text: (figures) =>
          `With one that never answers, the process ends within 5.5 s (\`closeTimeoutMillis\`, 5 s, and a little), by its own exit code, and one line on stderr gives the exact number that was not delivered. Measured: ${figures.range('F28', 'exitMillis', /^(?!.*a journal).*(?:process\.exit|natural)/)}. With \`closeTimeoutMillis: 0\` it does not wait: ${figures.range('F28', 'exitMillis', /closeTimeoutMillis 0/)}.`,
        provenBy: ['F28'],
      },
      {
        text: (figures) =>
          `SIGTERM with \`closeOnSignals\` or a handler of the app delivers 1000 lines in ${figures.range('F29', 'exitMillis', /closeOnSignals|a handler/)}. With \`closeOnSignals\` the process still dies of the signal. Unless that is asked for, nothing listens to signals or to errors of the process.`,
        provenBy: ['F29'],
      },
      {
        text: 'However the app ends, its exit code, its signal and its stack trace are those of the same app without us.',
        provenBy: ['F28', 'F29', 'F30'],
      },
      {
        text: (figures) =>
          `When the worker of \`otlpTransport\` dies, what it held is counted as \`worker_died\`, and another takes over, in ${figures.range('F31', 'restartMillis')}. A plain target has nothing of ours on the app's thread: pino ends the app, as with any transport.`,
        provenBy: ['F31'],
      },
    ],
  },
  {
    title: '## When the collector is in trouble',
    promises: [
      {
        text: (figures) =>
          `**Down** (503, 502, 504, nobody there, restarted): nothing is lost and nothing comes twice while \`maxQueueBytes\` (64 MiB) holds what is logged meanwhile, however many attempts that takes. One small request at a time asks whether it is back, 0.5 to 4 s apart; after a minute it was asked again within ${figures.most('F01', 'askedAfterMillis')} of its return. Behind a backlog of 20 000 records, which goes in requests that grow, a new line had arrived ${figures.most('F01', 'arrivedAfterMillis', /backlog/)} after the return.`,
        provenBy: ['F01', 'F12'],
      },
      {
        text: '**Busy** (429 or 503 with `Retry-After`): nothing is lost. No request comes before the time that was asked for, up to 300 s, nor more than a fifth of it later, so that many processes do not come at once. Nonsense in that header counts as none.',
        provenBy: ['F02', 'F03'],
      },
      {
        text: (figures) =>
          `**Silent** (hangs, or frozen): an attempt ends after \`timeoutMillis\` (10 s), over the whole answer, and is made again. One connection is open at most. What a frozen collector had in its buffers it takes when it goes on, and it is sent again, too: 100 records came ${figures.most('F04', 'duplicates', /frozen/)} times too often after ${figures.most('F04', 'attempts', /frozen/)} attempts.`,
        provenBy: ['F04', 'F06'],
      },
      {
        text: (figures) =>
          `**Cut off** (the connection is reset): nothing is lost. Where the answer was lost, that batch is sent again; whether it was stored nobody can know. Measured: ${figures.most('F05', 'duplicates')} lines doubled at most, by ${figures.most('F05', 'resets')} resets. A connection that was closed while idle costs neither a wait nor a double.`,
        provenBy: ['F05'],
      },
      {
        text: '**Answers with 2xx** and then breaks off, drips, or sends far too much: delivered. It is not sent again, nor kept in memory.',
        provenBy: ['F06'],
      },
      {
        text: '**Refuses** (400, 401, 403, 404, 500, 501 and all others; redirects): OTLP forbids to send that again, so the batch is dropped as `rejected`, counted and said, and the next goes. A 401 is asked once more with fresh headers where `headers` is a function. No header ever reaches another host.',
        provenBy: ['F08', 'F10'],
      },
      {
        text: '**Finds it too large** (413): the batch is parted until only the records that are too large by themselves are dropped, as `record_too_large`.',
        provenBy: ['F07'],
      },
      {
        text: '**Takes only a part** (partial success): the number that it names is dropped as `rejected`; nothing is sent again.',
        provenBy: ['F09'],
      },
      {
        text: '**Has a wrong certificate, or no address**: as when it is down. The message names the trouble, verification stays on, and the name is resolved anew at each attempt. Making the transport never waits for the network.',
        provenBy: ['F11', 'F12'],
      },
      {
        text: (figures) =>
          `**Comes back to a whole fleet**: twenty processes with a backlog made ${figures.most('F13', 'inFirstSecond')} requests in the first second; of ${figures.most('F13', 'requests')} in all it had to refuse ${figures.most('F13', 'refused')}, and new lines arrived within ${figures.most('F13', 'latencyP95Millis')} (p95).`,
        provenBy: ['F13'],
      },
    ],
  },
  {
    title: '## With a journal',
    promises: [
      {
        text: 'Everything above holds, and what waits is on disk, too: see [journal.md](journal.md). A record is written before it may be sent. `flush()` and `close()` are complete when what is left lies there.',
        provenBy: ['F01', 'F04', 'F27', 'F28'],
      },
      {
        text: (figures) =>
          `**Killed** (SIGKILL, \`process.abort()\`, out of memory, a signal to which nobody listens): what was logged on the thread of the app (\`otlpStream\`, winston) is delivered by the next process with the same journal, with the resource, scope and encoding that it was logged with. Of processes killed at random, up to 300 ms after their first line, ${figures.most('F23', 'kills', IN_PROCESS)} in each of these modes, ${figures.most('F23', 'lostMost', IN_PROCESS)} lines were lost. One batch at most comes twice for each kill, wherever in an answer, a write, an adoption or an end it comes.`,
        provenBy: ['F23', 'F24', 'F29', 'F30'],
      },
      {
        text: (figures) =>
          `**Killed, behind a worker** (target, \`otlpTransport\`): what had not reached the worker is lost. At 2000 lines a second that was ${figures.range('F23', 'lostP50', WORKER)} lines a kill (p50), ${figures.most('F23', 'lostMost', WORKER)} at most; at 20 000 lines a second ${figures.range('F23', 'lostP50', FAST_WORKER)} and ${figures.most('F23', 'lostMost', FAST_WORKER)}. A worker that dies alone loses nothing that had reached it: the next worker has it.`,
        provenBy: ['F23', 'F31'],
      },
      {
        text: (figures) =>
          `**A long outage** costs no line, and memory that does not grow with it, while \`maxBytes\` and \`maxAgeMillis\` allow it: ${figures.most('F20', 'lines', /^otlpStream, a long outage/)} lines, of which memory could hold a small part, were all delivered in their order within ${figures.most('F20', 'drainedMillis', /a long outage/)} of the return, in turn with new lines, which arrived within ${figures.most('F20', 'latencyP95Millis', /a long outage/)} (p95); the app grew by ${figures.most('F20', 'growthMiB', /a long outage/)}. Beyond the bounds whole files go, the oldest first, counted as \`journal_full\` or \`expired\` to the record, and announced. Never more than \`maxBytes\` and one file are on disk, in all processes that share the directory.`,
        provenBy: ['F01', 'F20'],
      },
      {
        text: (figures) =>
          `**A start that finds a backlog** is as fast as ever, however much it is: ${figures.most('F21', 'startMillis', /MiB/)} and ${figures.most('F21', 'growthMiB', /MiB/)} more memory before hundreds of MiB, and new lines arrive between the old ones within ${figures.most('F21', 'latencyP95Millis', /MiB/)} (p95).`,
        provenBy: ['F21'],
      },
      {
        text: (figures) =>
          `**Many processes** share a directory. Who dies leaves a folder, which one of the others claims: ${figures.most('F25', 'deliveredMillis')} after three processes raced for what eight cluster workers and two apps had left, every line had come, once. Records only go to the endpoint and tenant that they were logged for. Who lives is never taken for dead, be it stopped, blocked, in another container, or seen by a wrong clock.`,
        provenBy: ['F25', 'F26'],
      },
      {
        text: '**A disk** that is full, fails, is read-only, removed or none at all is not felt by the app: its lines are delivered from memory, with one warning, and at most 5 s after it is well again the journal is one. What waited on it stays.',
        provenBy: ['F14', 'F15', 'F16'],
      },
      {
        text: '**Damage** (files that are cut, flipped, zeroed, of another version or none) costs the frame that it hit, counted as torn or corrupt. Nothing is delivered that was not logged, and nothing stops.',
        provenBy: ['F17', 'F18'],
      },
      {
        text: (figures) =>
          `**Power lost**: what was flushed is there, and with \`fsync: 'interval'\` what was undelivered for half a second longer than it should be. A healthy collector costs ${figures.most('F19', 'syncs', /healthy/)} syncs.`,
        provenBy: ['F19'],
      },
      {
        text: '**A directory that somebody has prepared** (links, pipes, devices, folders of others or open to them) is refused with one warning, or passed over. Own files are 0600, own folders 0700. What a server refuses for good lies in `dead/`, a tenth of `maxBytes` at most.',
        provenBy: ['F08', 'F10', 'F22'],
      },
    ],
  },
  {
    title: '## Flush and close',
    promises: [
      {
        text: '`flush()` resolves when every line that was logged before it is sent, or counted as dropped, or after `exportTimeoutMillis` (30 s), with `{ complete, waiting }`. Several at once, and while lines come, each wait for their own lines. It never rejects. While the collector is down it asks it once, at once.',
        provenBy: ['F40'],
      },
      {
        text: '`close()`, and with winston `logger.end()` and `finish`, deliver what waits, within `closeTimeoutMillis` (5 s). What is left then, and what is logged later, is counted as `shutdown` and said.',
        provenBy: ['F28', 'F40'],
      },
      {
        text: "A plain target has no `flush()` of its own: pino's `logger.flush(callback)` reaches it where it is the only destination.",
        provenBy: [],
      },
    ],
  },
  {
    title: '## What it costs the app',
    promises: [
      {
        text: "Nothing is thrown, no `'error'` event is emitted, no write is held back, whatever the network, the collector or the lines do.",
        provenBy: ['F35', 'F36', 'F38', 'F39', 'F40'],
      },
      {
        text: (figures) =>
          `A burst of 100 000 lines in one tick is delivered to the last, in each mode; measured: ${figures.range('F33', 'microsPerLine', BURST)} µs of the app's thread for a line, the logger's own work included. Of a million in one tick, in which more waits than the queue may hold, each is delivered, or dropped and counted as \`queue_full\`, the oldest first, and the sum is exact; measured: ${figures.range('F33', 'lost', MILLION)} dropped.`,
        provenBy: ['F33'],
      },
      {
        text: (figures) =>
          `The queue holds no more than \`maxQueueBytes\` (64 MiB). By how much the whole app grew at its peak: ${figures.range('F33', 'peakGrownMiB', BURST)} in that burst, ${figures.range('F33', 'peakGrownMiB', MILLION)} with the million.`,
        provenBy: ['F33'],
      },
      {
        text: "A worker goes on sending while the app's thread is blocked. On the app's own thread (`otlpStream`, winston) a block delays the sending, but an answer that was there in time is not taken for a timeout.",
        provenBy: ['F32'],
      },
      {
        text: 'Time is measured by a clock that nobody sets: when the system time jumps, or the process sleeps, nothing expires, and nothing is sent early or never.',
        provenBy: ['F34'],
      },
    ],
  },
  {
    title: '## What is counted and said',
    promises: [
      {
        text: '`received = sent + filtered + dropped + waiting` in `stats()`, at any moment, each drop under one name; a plain target has the same counts, but nobody can read them.',
        provenBy: ['F31', 'F33'],
      },
      {
        text: 'Each kind of trouble is one line on stderr, then again after 1, 10 and 60 minutes, with what it is, where, and what to do. At the end one line gives what was lost in all, unless it has been told. The backend is told of a loss by one record `otlp_logs.dropped`.',
        provenBy: ['F01', 'F28', 'F33'],
      },
      {
        text: 'No header value, no password of a URL and nothing of the environment is in any of these lines, also where the server repeats it. Our own failures never become records of the app.',
        provenBy: ['F40'],
      },
      {
        text: 'A line that is damaged, too long, too deep or not even JSON costs itself at most: it is cut and marked, or one `invalid_line`; its neighbours arrive.',
        provenBy: ['F35', 'F36', 'F37', 'F38', 'F39'],
      },
    ],
  },
  {
    title: '## What is not promised',
    promises: [
      {
        text: '**Without a journal, lines live in memory.** SIGKILL, `process.abort()`, a crash for want of memory, a lost machine, and SIGTERM or SIGINT to which nobody listens lose what waits: with a healthy collector what was logged in the last second (`scheduledDelayMillis`) or not yet sent, in an outage all of it.',
        provenBy: ['F29', 'F30'],
      },
      {
        text: "**The end has a limit.** What cannot be sent within `closeTimeoutMillis` is lost, and counted. On the app's own thread (`otlpStream`, winston) that is all that waits; and where `headers` gives a promise, a `process.exit()` before the first request cannot wait for it.",
        provenBy: ['F28'],
      },
      {
        text: '**At least once, not exactly once.** A batch comes twice when its answer was lost, when it was under way at `process.exit()` on the thread of the app, or when a frozen collector wakes. It is the same to the byte, which a backend may use to tell.',
        provenBy: ['F04', 'F05'],
      },
      {
        text: (figures) =>
          `**pino has a memory of its own.** Between the app and the worker pino keeps what the worker has not yet taken, and no option of ours bounds that: with a million lines in one tick the app grew by ${figures.most('F33', 'peakGrownMiB', /^pino target, 1000000 /)} with a plain target, by ${figures.most('F33', 'peakGrownMiB', /^otlpTransport, 1000000 /)} with \`otlpTransport\`, and by ${figures.most('F33', 'peakGrownMiB', /^otlpStream, 1000000 /)} with \`otlpStream\`, which has no worker.`,
        provenBy: ['F33'],
      },
      {
        text: '**A line that pino has not yet given to its worker** is lost with a worker that dies, and counted by `otlpTransport` only.',
        provenBy: ['F31'],
      },
      {
        text: '**Delivered means that the endpoint said so.** What a collector does with a record after a 2xx is beyond us.',
        provenBy: [],
      },
    ],
  },
]
