import { type Receiver, startReceiver } from '@otlp-logs/test-support'
import { importOf, linesOf, runServer } from './example.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

describe('the example for node:cluster', () => {
  it('delivers what each process logs, tells the processes apart, and ends by itself', async () => {
    const { code, stdout, stderr } = await runServer(importOf('cluster/app.mjs'), receiver, async (server) => {
      const url = await server.url(2)
      const get = async (path: string): Promise<string> => (await fetch(url + path)).text()
      expect(await Promise.all([get('/1'), get('/2')])).toEqual(['ok', 'ok'])
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(receiver.problems).toEqual([])

    const logged = (body: string | RegExp): typeof receiver.records =>
      receiver.records.filter((record) => String(record.body).search(body) !== -1)
    const pids = (body: string | RegExp): unknown[] => logged(body).map(({ resource }) => resource['process.pid'])

    expect(receiver.records).toHaveLength(6)
    const workers = pids(/^listening at/)
    expect(new Set(workers).size).toBe(2)
    for (const pid of pids('request received')) expect(workers).toContain(pid)
    expect(logged('request received').map(({ attributes }) => attributes['url.path'])).toEqual(
      expect.arrayContaining(['/1', '/2']),
    )
    const ended = logged('worker ended').map(({ attributes }) => attributes)
    expect(ended).toEqual(expect.arrayContaining(workers.map((worker) => ({ worker, code: 0 }))))
    const [primary, ...others] = new Set(pids('worker ended'))
    expect(others).toEqual([])
    expect(workers).not.toContain(primary)

    const instances = receiver.records.map(({ resource }) => [resource['service.instance.id'], resource['process.pid']])
    expect(new Set(instances.map(String)).size).toBe(3)
    expect(new Set(instances.map(([id]) => id)).size).toBe(3)
    expect(receiver.records.map(({ resource }) => resource['service.name'])).toEqual(Array(6).fill('orders'))
    expect(linesOf(stdout)).toHaveLength(6)
  })
})
