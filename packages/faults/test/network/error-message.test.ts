// What a server says with an error: a Status in protobuf whatever was asked for, its JSON, a text, or anything else, under
// any content type. It is shown when it can be read, and never more than that.

import { Bench } from './bench.ts'

const BATCH = 10
const PROTOCOLS = ['http/protobuf', 'http/json'] as const

describe.each(PROTOCOLS)('over %s', (protocol) => {
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf'
  // google.rpc.Status { code: 3, message: 'too many labels' }: Loki sends it whatever was asked for.
  const words = 'too many labels'
  const status = Buffer.concat([Buffer.from([0x08, 3, 0x12, words.length]), Buffer.from(words)])
  test.each<[string, string | Buffer, string]>([
    ['in protobuf, as such', status, 'application/x-protobuf'],
    ['in protobuf, that claims to be JSON', status, 'application/json'],
    ['in protobuf, that claims to be text', status, 'text/plain; charset=utf-8'],
    ['in JSON', JSON.stringify({ code: 3, message: words }), 'application/json'],
    ['in JSON, that claims to be protobuf', JSON.stringify({ code: 3, message: words }), 'application/x-protobuf'],
    ['as text', words, 'text/plain'],
  ])('D15: the message of an error %s is shown', async (_name, body, type) => {
    const bench = await Bench.start({ status: 400, body, headers: { 'content-type': type } }, { protocol })
    bench.emit(BATCH)
    await bench.verdict({ lost: { rejected: BATCH } })
    expect(bench.said('HTTP 400')).toEqual([expect.stringMatching(/HTTP 400, server says "too many labels"$/)])
  })

  test.each<[string, string | Buffer]>([
    ['a message of zeros', Buffer.alloc(1000)],
    ['half a message', status.subarray(0, 8)],
    ['a length beyond its end', Buffer.from('12ffffffff0f61', 'hex')],
    ['random bytes', Buffer.from('ff00fe8081c3281b5b324a', 'hex')],
    ['broken JSON', '{"code":3,"message":'],
    ['JSON null', 'null'],
    ['JSON with a message that is none', '{"message":{"a":1}}'],
    ['a page of HTML', '<!doctype html>\n<title>502</title>'],
  ])('D15: an error with %s is an error like any other', async (_name, body) => {
    const bench = await Bench.start({ status: 400, body, headers: { 'content-type': contentType } }, { protocol })
    bench.emit(BATCH)
    await bench.verdict({ lost: { rejected: BATCH } })
    // Nothing that a terminal would act on.
    for (const message of bench.said('HTTP 400')) expect(message).not.toMatch(/\p{Cc}/u)
    expect(bench.said('HTTP 400')).toHaveLength(1)
  })
})
