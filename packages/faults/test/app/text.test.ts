// Text that is not well formed, in every mode: what arrives is valid UTF-8 always, which the receiver judges, and what no
// character stands for is U+FFFD.

import { LOGGING_MODES } from '@otlp-logs/test-support'
import { PINO_MODES, ship } from './outlet.ts'

/** Texts as they are logged, and as they arrive. */
const TEXTS: readonly (readonly [string, string])[] = [
  ['a high half \ud83d', 'a high half \ufffd'],
  ['\ude42 a low half', '\ufffd a low half'],
  ['halves \ude42\ud83d in the wrong order', 'halves \ufffd\ufffd in the wrong order'],
  ['a half \ud83d between 🙂', 'a half \ufffd between 🙂'],
  ['NUL \0 and others \u0001\u001f\u007f\u0085', 'NUL \0 and others \u0001\u001f\u007f\u0085'],
  ['ends of lines \n\r\u2028\u2029', 'ends of lines \n\r\u2028\u2029'],
  ['a byte order mark \ufeff, not a character \uffff', 'a byte order mark \ufeff, not a character \uffff'],
  ['the last one \u{10ffff}', 'the last one \u{10ffff}'],
]

describe.each(LOGGING_MODES)('%s', (mode) => {
  test.each(['http/protobuf', 'http/json'] as const)(
    'F37: halves of characters and NUL, in messages, keys and values over %s, are valid UTF-8 with U+FFFD for halves',
    async (protocol) => {
      const { payloads } = await ship(
        mode,
        ({ log, neighbour }) => {
          for (const [text] of TEXTS) {
            neighbour()
            log({ value: text, list: [{ [text]: text }] }, text)
          }
          neighbour()
        },
        { protocol },
      )
      expect(payloads.map(({ body }) => body)).toEqual(TEXTS.map(([, arrives]) => arrives))
      expect(payloads.map(({ attributes }) => JSON.stringify(attributes))).toEqual(
        TEXTS.map(([, arrives]) => JSON.stringify({ value: arrives, list: [{ [arrives]: arrives }] })),
      )
    },
  )
})

/** The text of a line with an escape that is cut or wrong, which is no JSON. */
const BROKEN_ESCAPES = ['\\ud8', '\\u', '\\ud83d\\u', '\\uzzzz', '\\x41', '\\']

test.each(PINO_MODES)(
  'F37: a line by %s with an escape that is cut or wrong is a record of that text, and the next is unharmed',
  async (mode) => {
    const lines = BROKEN_ESCAPES.map((escape) => `{"level":30,"msg":"${escape}"}`)
    const { payloads } = await ship(mode, ({ write, neighbour }) => {
      for (const line of lines) {
        neighbour()
        write(`${line}\n`)
      }
      neighbour()
      // An escape of half a character is JSON.
      write('{"level":30,"msg":"\\ud83d"}\n')
    })
    expect(payloads.map(({ body }) => body)).toEqual([...lines, '\ufffd'])
  },
)

/** Only these two take bytes: pino writes text, and otlpTransport takes pino's lines. */
const BYTE_MODES = PINO_MODES.filter((mode) => mode !== 'otlpTransport')

/** Bytes that are no UTF-8, and what they are as text. */
const BYTES: readonly (readonly [string, number[], string])[] = [
  ['a byte that begins nothing', [0x80], '\ufffd'],
  ['a byte that never occurs', [0xff], '\ufffd'],
  ['a character that is cut', [0xf0, 0x9f, 0x99], '\ufffd'],
  ['more bytes than a character needs', [0xc0, 0xaf], '\ufffd\ufffd'],
  ['half of a surrogate pair', [0xed, 0xa0, 0xbd], '\ufffd\ufffd\ufffd'],
  ['NUL', [0x00], '\0'],
]

test.each(BYTE_MODES)(
  'F37: bytes by %s that are no UTF-8 arrive as U+FFFD, and the next line is unharmed',
  async (mode) => {
    const { payloads } = await ship(mode, ({ write, neighbour }) => {
      for (const [name, bytes] of BYTES) {
        neighbour()
        // A control character makes a line no JSON; within these bytes only NUL is one.
        write(Buffer.from([...Buffer.from(`${name}: `), ...bytes, ...Buffer.from('!\n')]))
        write(Buffer.from([...Buffer.from('{"level":30,"msg":"'), ...bytes, ...Buffer.from('"}\n')]))
      }
      neighbour()
    })
    expect(payloads.map(({ body }) => body)).toEqual(
      BYTES.flatMap(([name, , text]) => [`${name}: ${text}!`, text === '\0' ? '{"level":30,"msg":"\0"}' : text]),
    )
  },
)

test.each(BYTE_MODES)('F37: lines by %s of which every byte is a chunk of its own arrive whole', async (mode) => {
  const texts = ['é', '漢', '🙂', '🙂漢é'.repeat(10)]
  const bytes = Buffer.from(texts.map((text) => `{"level":30,"msg":"${text}"}\n`).join(''))
  const { payloads } = await ship(mode, ({ write, neighbour }) => {
    neighbour()
    for (const byte of bytes) write(Buffer.of(byte))
    neighbour()
  })
  expect(payloads.map(({ body }) => body)).toEqual(texts)
})

// A worker takes its lines from a ring of 4 MiB, whose end lies anywhere within a character. The plain target has the same
// worker; its own `flush` waits by Atomics.waitAsync, which jest's contexts do not always wake.
test('F37: characters of four bytes that fill the memory shared with the worker of otlpTransport several times arrive whole', async () => {
  const mode = 'otlpTransport'
  const lines = 400
  const text = '🙂'.repeat(10_000)
  const { payloads } = await ship(mode, ({ log }) => {
    for (let i = 0; i < lines; i++) log({ i }, 'x'.repeat(i % 4) + text)
  })
  expect(payloads.map(({ attributes }) => attributes['i'])).toEqual(Array.from({ length: lines }, (_, i) => i))
  expect(payloads.every(({ body }, i) => body === 'x'.repeat(i % 4) + text)).toBe(true)
})
