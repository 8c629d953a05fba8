// Lines that are far too long or too wide, in every mode: cut, marked and counted, and no harm to their neighbours.

import { join } from 'node:path'
import { LOGGING_MODES, loggingApp, runApp, saidBy, startReceiver } from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { type Outlet, ship } from './outlet.ts'

const MIB = 1024 * 1024
const MARK = 'otlp_logs.truncated'
/** Those of the matrix are 50 ms; a busy machine may take the CPU away for a while. */
const MAX_PAUSE_MILLIS = 250

/** Texts of characters of one to four bytes, the last of which are two units of a string; one is six bytes in JSON. */
const TEXTS = [
  ...['x', '\u0001', 'é', '漢', '🙂'].map((character) => [1, character] as const),
  ...['x', '🙂'].map((character) => [16, character] as const),
].map(([mib, character]) => ({
  name: `${mib} MiB of ${JSON.stringify(character)}`,
  // One more byte in front, so that the characters do not lie evenly.
  text: `x${character.repeat((mib * MIB) / Buffer.byteLength(character))}`,
}))

test.each([
  ...LOGGING_MODES.map((mode) => [mode, 'http/protobuf'] as const),
  ['otlpStream', 'http/json'] as const,
  ['winston', 'http/json'] as const,
])(
  'F35: texts of 1 MiB and 16 MiB by %s over %s are cut at a character, marked and counted, and their neighbours arrive',
  async (mode, protocol) => {
    const logTexts = ({ log, neighbour }: Outlet): void => {
      for (const { name, text } of TEXTS) {
        neighbour()
        log({ name, text, after: 1 }, 'long')
        log({ name, after: 2 }, text)
      }
      neighbour()
    }
    const { payloads, stats } = await ship(mode, logTexts, { protocol })
    expect(payloads.map(({ attributes }) => attributes['name'])).toEqual(TEXTS.flatMap(({ name }) => [name, name]))
    for (const [i, { text }] of TEXTS.entries()) {
      const [field, message] = payloads.slice(2 * i) as [(typeof payloads)[0], (typeof payloads)[0]]
      expect(field).toMatchObject({ body: 'long', attributes: { after: 1, [MARK]: true } })
      expect(message).toMatchObject({ attributes: { after: 2, [MARK]: true } })
      for (const cut of [field.attributes['text'], message.body] as string[]) {
        expect(text.startsWith(cut)).toBe(true)
        expect(cut.isWellFormed()).toBe(true)
        // A control character is six bytes in JSON.
        expect(Buffer.byteLength(cut)).toBeGreaterThan(MIB / 32)
        expect(Buffer.byteLength(cut)).toBeLessThan(MIB)
      }
    }
    if (stats !== undefined) expect(stats).toMatchObject({ truncated: payloads.length, dropped: { total: 0 } })
  },
)

test.each(LOGGING_MODES)(
  'F35: of ten thousand keys, %s sends the first 128 and counts the others, and the neighbours arrive',
  async (mode) => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, i]))
    const { payloads, stats } = await ship(mode, ({ log, neighbour }) => {
      neighbour()
      log(wide, 'wide')
      neighbour()
    })
    expect(payloads).toMatchObject([{ body: 'wide', droppedAttributesCount: 10_000 - 128 }])
    expect(Object.keys(payloads[0]!.attributes)).toEqual(Object.keys(wide).slice(0, 128))
    if (stats !== undefined) expect(stats).toMatchObject({ dropped: { total: 0 } })
  },
)

test.each(['pino target', 'otlpTransport'] as const)(
  'F35: long and wide lines hold up the worker of %s for a short time only',
  async (mode) => {
    const receiver = await startReceiver()
    const source = `
      const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => ['key ' + i, i]))
      log(20_000)
      await pauseOfWorker(() => log(1000))
      for (const [name, fields] of [
        ['1 MiB', { text: 'x'.repeat(${MIB}) }],
        ['16 MiB', { text: 'x'.repeat(${16 * MIB}) }],
        ['16 MiB, not Latin', { text: '漢'.repeat(${(16 * MIB) / 3}) }],
        ['10 000 keys', wide],
      ]) say('pause', [name, await pauseOfWorker(() => logger.info(fields, 'long'))])
      channel.close()`
    const result = await runApp(
      loggingApp({ mode, options: { endpoint: receiver.endpoint }, source: `${LISTEN_TO_WORKER}${source}` }),
      { resolveFrom: join(__dirname, '../..'), env: { NODE_OPTIONS: `--import=${LOOP_OF_WORKER}` } },
    )
    await receiver.close()
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(receiver.problems).toEqual([])
    const pauses = saidBy<[string, number]>(result, 'pause')
    expect(pauses).toHaveLength(4)
    figure('F35', `${mode}, pause in the worker`, {
      ...Object.fromEntries(pauses.map(([name, millis]) => [`${name} millis`, Math.round(millis)])),
    })
    for (const [name, millis] of pauses) expect([name, Math.min(millis, MAX_PAUSE_MILLIS)]).toEqual([name, millis])
  },
)

/** In the worker: measures its event loop between two messages of the app. */
const LOOP_OF_WORKER = `data:text/javascript,${encodeURIComponent(`
  import { monitorEventLoopDelay } from 'node:perf_hooks'
  import { BroadcastChannel, isMainThread } from 'node:worker_threads'
  if (!isMainThread) {
    const monitor = monitorEventLoopDelay({ resolution: 1 })
    const channel = new BroadcastChannel('loop')
    channel.onmessage = ({ data }) => {
      if (data === 'start') {
        monitor.reset()
        monitor.enable()
      }
      if (data === 'stop') monitor.disable()
      channel.postMessage({ max: monitor.max / 1e6 - 1 })
    }
    channel.unref()
  }`)}`

/** In the app: the longest pause of the worker's event loop while it takes what `act` logs. */
const LISTEN_TO_WORKER = `
  const { BroadcastChannel } = await import('node:worker_threads')
  const channel = new BroadcastChannel('loop')
  const ask = (what) => new Promise((resolve) => {
    channel.onmessage = ({ data }) => resolve(data.max)
    channel.postMessage(what)
  })
  const flush = () => new Promise((resolve) => logger.flush(resolve))
  async function pauseOfWorker(act) {
    await flush()
    await ask('start')
    act()
    await flush()
    return ask('stop')
  }
  `
