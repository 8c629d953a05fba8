// Records go only to the endpoint, and with the tenant, that they were logged for; and as they were written, whatever the
// process that delivers them has for itself. Nothing secret is on the disk.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stats } from 'otlp-logs-core'
import { type LoggingMode, type Receiver, saidBy, startReceiver } from '@otlp-logs/test-support'
import { Arrivals } from '../../src/kill/arrivals.ts'
import type { LifeOptions } from '../../src/kill/life.ts'
import { DOWN, useBench } from './journal-bench.ts'

const held = useBench()
const LINES = 50
const SECRET = 'canary-5f1e0c'

const SOON = { scheduledDelayMillis: 1 }

/** Starts a process that would adopt what is there, and delivers a line of its own when it has looked. */
async function look(options: Partial<LifeOptions>): Promise<void> {
  const { bench } = held
  const source = `await new Promise((resolve) => setTimeout(resolve, 200)); log(1); await transport.flush(); process.exit(0)`
  const life = bench.start('otlpStream', { source, options: SOON, ...options })
  expect(await life.app.done).toMatchObject({ code: 0, stderr: '' })
}

function headers(token: string): { options: object; journal: { tenant: undefined } } {
  return { options: { ...SOON, headers: { authorization: token } }, journal: { tenant: undefined } }
}

test('F25: another endpoint is never given what was logged for the first', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const left = await bench.dead('otlpStream', LINES)
  const elsewhere = new Arrivals()
  const other: Receiver = await startReceiver({ onAccepted: elsewhere.add })
  try {
    await look({ endpoint: other.endpoint })
    expect(other.records).toHaveLength(1)
    expect(elsewhere.of(left.name).delivered).toBe(0)
  } finally {
    await other.close()
  }
  bench.receiver.setAnswer({})
  await look({})
  expect(bench.arrivals.of(left.name).delivered).toBe(LINES)
})

test('F25: other headers are another tenant, and the same ones the same', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const left = await bench.dead('otlpStream', LINES, headers('one'))
  bench.receiver.setAnswer({})
  await look(headers('two'))
  expect(bench.arrivals.of(left.name).delivered).toBe(0)
  await look(headers('one'))
  expect(bench.arrivals.of(left.name).delivered).toBe(LINES)
})

test('F25: a named tenant is the same whatever its headers are, and none is another', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const left = await bench.dead('otlpStream', LINES, {
    options: { headers: { authorization: 'one' } },
    journal: { tenant: 'a' },
  })
  bench.receiver.setAnswer({})
  await look({ journal: { tenant: 'b' } })
  expect(bench.arrivals.of(left.name).delivered).toBe(0)
  await look({ options: { ...SOON, headers: { authorization: 'two' } }, journal: { tenant: 'a' } })
  expect(bench.arrivals.of(left.name).delivered).toBe(LINES)
})

test.each<[LoggingMode, string]>([
  ['otlpStream', 'http/protobuf'],
  ['otlpStream', 'http/json'],
  ['winston', 'http/json'],
  ['otlpTransport', 'http/protobuf'],
])(
  'F25: what %s wrote as %s is delivered so, with its resource and scope, by one that has others',
  async (mode, protocol) => {
    const { bench } = held
    bench.receiver.setAnswer(DOWN)
    const resource = { 'service.name': 'the dead', 'app.colour': 'grün' }
    const scope = { name: 'its scope', version: '1.2.3' }
    const left = await bench.dead(mode, LINES, { options: { protocol, resource, scope } })
    const types = new Set<string>()
    const found = new Set<string>()
    bench.onAccepted = (records, request) => {
      types.add(String(request.headers['content-type']))
      for (const { resource: of, scope: by } of records)
        found.add(JSON.stringify([of['service.name'], of['app.colour'], by.name, by.version]))
    }
    bench.receiver.setAnswer({})
    await bench.drain({
      options: {
        ...SOON,
        protocol: protocol === 'http/json' ? 'http/protobuf' : 'http/json',
        resource: { 'service.name': 'the living' },
        compression: 'gzip',
      },
    })
    expect(bench.arrivals.of(left.name)).toMatchObject({ delivered: LINES, duplicates: 0, mismatches: 0 })
    expect([...types]).toEqual([protocol === 'http/json' ? 'application/json' : 'application/x-protobuf'])
    expect([...found]).toEqual([JSON.stringify(['the dead', 'grün', 'its scope', '1.2.3'])])
  },
)

test('F25: received and adopted are sent, dropped or waiting at any moment, also when a folder was just adopted', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  await bench.dead('otlpStream', LINES)
  const source = `
    log(3)
    while (transport.stats().adopted < ${LINES}) await new Promise((resolve) => setImmediate(resolve))
    sayStats()
    process.exit(0)`
  const life = bench.start('otlpStream', { source })
  const [stats] = saidBy<Stats>(await life.app.done, 'stats')
  const { received, adopted, sent, filtered, dropped, waiting } = stats!
  expect(received + adopted).toBe(LINES + 3)
  expect(sent + filtered + dropped.total + waiting.records).toBe(LINES + 3)
})

test('F40: no header, no password of the URL and no name of the tenant is in any file or name of the journal', async () => {
  const { bench } = held
  bench.receiver.setAnswer((_request, i) => ({ status: i === 0 ? 400 : 503, body: SECRET }))
  const url = new URL(bench.receiver.endpoint)
  url.username = 'user'
  url.password = SECRET
  url.pathname = '/v1/logs'
  url.search = `?key=${SECRET}`
  const options = {
    endpoint: undefined,
    url: url.href,
    headers: { authorization: `Bearer ${SECRET}`, 'x-scope-orgid': SECRET },
  }
  const own = bench.start('otlpStream', {
    source: `log(10); await transport.flush(); log(10); await transport.flush(); say('written'); setInterval(() => {}, 1000)`,
    options,
    journal: { tenant: SECRET },
  })
  await own.app.stdoutLine('written')
  await own.kill()
  expect(bench.files).toContainEqual(expect.stringMatching(/\/dead\/.+/))
  expect(bench.files.join('\n')).not.toContain(SECRET)
  for (const name of bench.files.filter((file) => /\.seg$|\/cur$|\/h$/.test(file))) {
    const bytes = readFileSync(join(bench.directory, name))
    for (const text of [SECRET, Buffer.from(`user:${SECRET}`).toString('base64'), bench.receiver.endpoint]) {
      expect(bytes.includes(text)).toBe(false)
    }
  }
})
