// What comes to pino's destination and is no line of pino's: no JSON, cut, several lines in a chunk, ends of other systems,
// no end. Each line is one record, with the text as its body where it is no object; the next is unharmed.

import { join } from 'node:path'
import { loggingApp, type LoggingMode, runApp, startReceiver } from '@otlp-logs/test-support'
import { PINO_MODES, ship } from './outlet.ts'

/** A chunk, and the bodies of the records that come of it. */
type Chunk = readonly [string, string, readonly unknown[]]

const CHUNKS: readonly Chunk[] = [
  ['a word', 'Killed\n', ['Killed']],
  ['an object that is cut', '{"level":30,"msg":"cu\n', ['{"level":30,"msg":"cu']],
  ['an object with something behind it', '{"level":30,"msg":"a"} b\n', ['{"level":30,"msg":"a"} b']],
  ['two objects in a line', '{"msg":"a"}{"msg":"b"}\n', ['{"msg":"a"}{"msg":"b"}']],
  ['lines that went into each other', '{"level":30,{"msg":"a"}"msg":"b"}\n', ['{"level":30,{"msg":"a"}"msg":"b"}']],
  ['single quotes', "{'msg':'a'}\n", ["{'msg':'a'}"]],
  ['JSON that is no object', '[1]\n"text"\n7\ntrue\n', [[1], 'text', 7, true]],
  ['no value', 'null\n', [null]],
  ['three lines', '{"msg":"a"}\n{"msg":"b"}\n{"msg":"c"}\n', ['a', 'b', 'c']],
  ['a bad line between two', '{"msg":"a"}\n{"msg":\n{"msg":"c"}\n', ['a', '{"msg":', 'c']],
  ['ends of Windows', '{"msg":"a"}\r\nKilled\r\n{"msg":"b"}\r\n', ['a', 'Killed', 'b']],
  ['empty lines, which are none', '\n\r\n\n{"msg":"a"}\n\n', ['a']],
  ['spaces around', '  {"msg":"a"}  \n', ['a']],
  ['a key twice', '{"msg":"a","msg":"b"}\n', ['b']],
  ['a byte order mark', '\ufeff{"msg":"a"}\n', ['\ufeff{"msg":"a"}']],
]

test.each(PINO_MODES)(
  'F39: lines by %s that are no JSON, cut, several in a chunk or with CRLF are each one record, and the next is unharmed',
  async (mode) => {
    const { payloads, stats } = await ship(mode, ({ write, neighbour }) => {
      for (const [, chunk] of CHUNKS) {
        neighbour()
        write(chunk)
      }
      neighbour()
    })
    const bodies = CHUNKS.flatMap(([, , expected]) => expected)
    expect(payloads.map(({ body }) => body)).toEqual(bodies)
    for (const { attributes } of payloads) expect(Object.keys(attributes)).toEqual([])
    if (stats !== undefined) {
      const received = bodies.length + CHUNKS.length + 1
      expect(stats).toMatchObject({ received, sent: received, dropped: { total: 0 } })
    }
  },
)

/** otlpTransport takes whole lines: it is pino's destination, and no end of a pipe. */
const STREAMS: readonly LoggingMode[] = ['pino target', 'otlpStream']

test.each(STREAMS)('F39: a line by %s that comes in parts is one record', async (mode) => {
  const { payloads } = await ship(mode, ({ write, neighbour }) => {
    neighbour()
    for (const part of ['{"level":30,', '"msg":"in', ' parts"}', '\r', '\n{"msg":', '"two"}\nKil', 'led\n']) write(part)
    neighbour()
  })
  expect(payloads.map(({ body }) => body)).toEqual(['in parts', 'two', 'Killed'])
})

const LAST_LINES = [
  ['{"level":30,"msg":"last"}', 'last'],
  ['{"level":30,"msg":"la', '{"level":30,"msg":"la'],
  ['Killed\r', 'Killed'],
] as const

test.each(['otlpTransport', 'otlpStream'] as const)(
  'F39: a last line by %s without an end is a record, too, when it is closed',
  async (mode) => {
    for (const [line, body] of LAST_LINES) {
      const { payloads, stats } = await ship(mode, ({ write, neighbour }) => {
        neighbour()
        write(line)
      })
      expect(payloads.map((record) => record.body)).toEqual([body])
      expect(stats).toMatchObject({ received: 2, sent: 2, dropped: { total: 0 } })
    }
  },
)

// In a process of its own: a plain target has no other end, and blocks its app until the worker has delivered.
describe.each(PINO_MODES)('%s', (mode) => {
  test.each([
    ['a natural end', ''],
    ['process.exit', 'process.exit()'],
  ])('F39: at %s, a last line without an end is a record, too', async (_name, end) => {
    const receiver = await startReceiver()
    const source = `log(1); logger[pino.symbols.streamSym].write('{"level":30,"msg":"last"}'); ${end}`
    const app = loggingApp({ mode, options: { endpoint: receiver.endpoint }, source })
    const { code, stderr } = await runApp(app, { resolveFrom: join(__dirname, '../..') })
    await receiver.close()
    expect({ code, stderr, problems: receiver.problems }).toEqual({ code: 0, stderr: '', problems: [] })
    expect(receiver.records.map((record) => record.body)).toEqual(['line', 'last'])
  })
})

test.each(STREAMS)(
  'F39: more than 64 MiB by %s without an end are one invalid_line, and the next is unharmed',
  async (mode) => {
    const { payloads, stats } = await ship(
      mode,
      ({ write, neighbour }) => {
        neighbour()
        const part = 'x'.repeat(8 * 1024 * 1024)
        for (let i = 0; i < 10; i++) write(part)
        write('\n')
        neighbour()
      },
      { diagnostics: 'none' },
    )
    expect(payloads.map(({ eventName }) => eventName)).toEqual(['otlp_logs.dropped'])
    expect(payloads[0]!.attributes).toMatchObject({ 'otlp_logs.dropped.invalid_line': 1 })
    if (stats !== undefined)
      expect(stats).toMatchObject({ received: 3, sent: 2, dropped: { total: 1, invalid_line: 1 } })
  },
)
