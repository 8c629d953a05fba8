// Many processes that share a journal and are killed at once, and those that race for what they left: each folder gets one
// adopter, every line arrives once, and nothing is left over.

import { join } from 'node:path'
import { figure } from '../../src/figures.ts'
import { LIFE_KEY } from '../../src/kill/arrivals.ts'
import { countIn, TENANT } from '../../src/kill/life.ts'
import { DOWN, logAndStay, STAY, useBench } from './journal-bench.ts'

const held = useBench()
const WORKERS = 8
const LINES = 300
const ADOPTERS = 3

/** A primary whose workers log. It lives on when they die, and must not own their sockets. */
function clusterSource(folder: string): string {
  return `
    const { default: cluster } = await import('node:cluster')
    if (cluster.isPrimary) {
      const workers = Array.from({ length: ${WORKERS} }, (_, i) => cluster.fork({
        LOGGED_FILE: ${JSON.stringify(folder)} + '/worker-' + i,
        OTEL_RESOURCE_ATTRIBUTES: '${LIFE_KEY}=worker-' + i,
      }))
      await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))))
      say('workers', workers.map(({ process }) => process.pid))
    } else {
      log(${LINES})
      process.send('written')
    }
    ${STAY}`
}

/** Makes its transport when it is told to, so that all of them do it at once. */
function adopterSetUp(endpoint: string, directory: string): string {
  const options = { endpoint, journal: { directory, tenant: TENANT }, headers: { 'x-sender': 'SENDER' } }
  return `
    import pino from 'pino'
    import { otlpStream } from 'pino-otlp'
    process.stdout.write('waiting\\n')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    const options = ${JSON.stringify(options)}
    options.headers['x-sender'] = String(process.pid)
    const transport = otlpStream(options)
    const logger = pino(transport)`
}

test('F25: of 8 cluster workers and 2 apps that are killed, 3 adopters deliver every line once, and leave nothing over', async () => {
  const { bench } = held
  bench.receiver.setAnswer(DOWN)
  const primary = bench.start('otlpStream', { source: clusterSource(bench.folder) })
  const apps = [
    bench.start('winston', { source: logAndStay(LINES) }),
    bench.start('otlpStream', { source: logAndStay(LINES) }),
  ]
  const pids = JSON.parse((await primary.app.stdoutLine('workers')).slice('workers '.length)) as number[]
  await Promise.all(apps.map(({ app }) => app.stdoutLine('written')))
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await Promise.all(apps.map((app) => app.kill()))
  bench.receiver.setAnswer({})

  const setUp = adopterSetUp(bench.receiver.endpoint, bench.directory)
  const source = `await cue('end'); await transport.close()`
  const adopters = Array.from({ length: ADOPTERS }, () => bench.start('otlpStream', { setUp, source, keepInput: true }))
  await Promise.all(adopters.map(({ app }) => app.stdoutLine('waiting')))
  const startedAt = performance.now()
  for (const { app } of adopters) app.write('go\n')
  const names = [...Array.from({ length: WORKERS }, (_, i) => `worker-${i}`), ...apps.map(({ name }) => name)]
  const arrived = (): number[] => names.map((name) => bench.arrivals.of(name).delivered)
  await bench.receiver.waitFor(() => arrived().every((count) => count >= LINES), 20_000, 'all lines')
  const deliveredMillis = Math.round(performance.now() - startedAt)
  for (const { app } of adopters) {
    app.write('end\n')
    app.endInput()
  }
  await Promise.all(adopters.map(({ app }) => app.done))

  figure('F25', `${WORKERS} workers and 2 apps`, { deliveredMillis, adopters: bench.arrivals.senders.size })
  expect(countIn(join(bench.folder, 'worker-0'))).toBe(LINES)
  expect(arrived()).toEqual(names.map(() => LINES))
  expect(bench.arrivals.duplicates).toBe(0)
  // That of the primary, which lives.
  const folders = bench.files.filter((name) => /^v1\/\w+\/[^/]+$/.test(name))
  expect(folders).toHaveLength(1)
})
