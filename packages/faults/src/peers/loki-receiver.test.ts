import { textOf } from '@otlp-logs/test-support'
import { LokiReceiver } from './loki-receiver.ts'

const PATH = '/loki/api/v1/push'
const NANOS = '1795249083091000000'

let receiver: LokiReceiver | undefined

afterEach(() => receiver?.close())

async function start(answer: Parameters<typeof LokiReceiver.start>[0]): Promise<void> {
  receiver = await LokiReceiver.start(answer)
}

/** Gives the status. */
async function push(values: unknown[][], path = PATH): Promise<number> {
  const body = JSON.stringify({ streams: [{ stream: { level: 'info' }, values }] })
  const { status } = await fetch(receiver!.endpoint + path, { method: 'POST', body })
  return status
}

function line(seq: number, prefix = ''): string {
  return prefix + JSON.stringify({ seq, text: textOf(seq, 20) })
}

describe('LokiReceiver', () => {
  test('counts each line once, the doubled apart, with or without a message in front of the fields', async () => {
    await start({})
    expect(await push([[NANOS, line(0)]])).toBe(204)
    expect(
      await push([
        [NANOS, line(1, 'line ')],
        [NANOS, line(0), {}],
      ]),
    ).toBe(204)
    await receiver!.waitForDelivered(2, 1000)
    expect(await receiver!.tally()).toMatchObject({ delivered: 2, duplicates: 1, mismatches: 0 })
  })

  test.each(['NaN', '', '1.5e18', '2026-11-21T10:00:00.000Z'])(
    'refuses a request with the time %p, as Loki does',
    async (time) => {
      await start({})
      expect(
        await push([
          [NANOS, line(0)],
          [time, line(1)],
        ]),
      ).toBe(400)
      expect(await receiver!.tally()).toMatchObject({ delivered: 0 })
    },
  )

  test('refuses other paths', async () => {
    await start({})
    expect(await push([[NANOS, line(0)]], '/v1/logs')).toBe(400)
  })

  test('gives its answers in order, of which the last repeats, and counts nothing that it refused', async () => {
    await start([{ status: 503 }, {}])
    const statuses = [await push([[NANOS, line(0)]]), await push([[NANOS, line(1)]]), await push([[NANOS, line(2)]])]
    expect(statuses).toEqual([503, 204, 204])
    receiver!.setAnswer({ status: 429 })
    expect(await push([[NANOS, line(3)]])).toBe(429)
    expect(await receiver!.tally()).toMatchObject({ delivered: 2 })
  })

  test('says which wait was in vain', async () => {
    await start({})
    await expect(receiver!.waitForDelivered(1, 1)).rejects.toThrow('1 lines have not come')
  })
})
