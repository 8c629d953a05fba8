// Deaths at the moments that matter. Each process finds what the last one left in that state, and dies at the same moment
// itself; in the end one delivers all that is left.

import { randomInt } from 'node:crypto'
import { figure } from '../../src/figures.ts'
import { FAULT_POINTS, type FaultPoint, preload } from './fault-point.ts'
import { JournalBench } from './journal-bench.ts'

const FULL = process.env['FAULTS_FULL'] === '1'
const KILLS = FULL ? 40 : 5
const TEST_MILLIS = FULL ? 900_000 : 240_000
const SIDE_BY_SIDE = 3
/** While it writes, one of the first moments of a kind. */
const MAX_NTH = 6

/** Small, so that every moment comes often. */
const OPTIONS = { scheduledDelayMillis: 5, maxExportBatchSize: 50 }
const JOURNAL = { segmentBytes: 16 * 1024 }
const SOURCE = `
  for (let i = 0; i < 50; i++) {
    log(20, 100)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await transport.close()
  say('survived')`
/** Lives until it has delivered what it adopted. */
const LONG_SOURCE = `
  for (let i = 0; i < 1000; i++) {
    log(1, 100)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  say('survived')`

/** A request fails while much is logged, and the next one brings its answer. */
const OUTAGE_SOURCE = `
  for (let i = 0; i < 20; i++) {
    log(50, 100)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await cue('never')`

const benches: JournalBench[] = []
afterEach(async () => {
  const problems = benches.flatMap(({ arrivals }) => arrivals.problems)
  await Promise.all(benches.splice(0).map((bench) => bench.close()))
  expect(problems).toEqual([])
})

test.each(Object.entries(FAULT_POINTS))(
  'F24: of a process that is killed %s nothing is lost, one batch at most comes twice, and the next start is clean',
  async (_when, points) => {
    const left = [...points]
    const next = async (): Promise<void> => {
      for (let point = left.shift(); point !== undefined; point = left.shift()) await trial(point)
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, next))
  },
  TEST_MILLIS,
)

async function trial(point: FaultPoint): Promise<void> {
  const bench = new JournalBench()
  benches.push(bench)
  await bench.open()
  const isEnd = FAULT_POINTS['at its end'].includes(point)
  const isAdoption = FAULT_POINTS['while it adopts'].includes(point)
  const isOutage = FAULT_POINTS['while it sets aside what piled up'].includes(point)
  // There is something to adopt from the first on, and something left at the end.
  const lives = [await bench.dead('otlpStream', 40)]
  if (isEnd) bench.receiver.setAnswer({ status: 503 })
  let killed = 0
  for (let i = 0; i < KILLS; i++) {
    const nth = point.nth ?? (isEnd || isAdoption ? 1 : randomInt(1, MAX_NTH + 1))
    const execArgv = ['--import', preload(point, nth)]
    if (isOutage) bench.receiver.setAnswer([{ status: 503 }, {}])
    const source = isOutage ? OUTAGE_SOURCE : isAdoption ? LONG_SOURCE : SOURCE
    const life = bench.start('otlpStream', {
      source,
      options: OPTIONS,
      journal: JOURNAL,
      execArgv,
      keepInput: isOutage,
    })
    lives.push(life)
    const { signal, stderr } = await life.app.done
    if (signal === 'SIGKILL') killed++
    expect(stderr.replace(/.*HTTP 503.*\n/, '')).toBe('')
  }
  bench.receiver.setAnswer({})
  await bench.drain()
  const { arrivals } = bench
  const lost = lives.flatMap(({ name, logged }) => arrivals.missing(name, logged).map((seq) => `${name}: ${seq}`))
  const doubled = [...arrivals.doubledRequests()].filter(([, requests]) => requests > 1)
  // What was set aside, and what came then, are adopted one by one.
  const wrong = lives.filter(({ name }) => {
    const { mismatches, disordered } = arrivals.of(name)
    return mismatches > 0 || (disordered > 0 && !isOutage)
  })
  figure('F24', point.name, { kills: killed, lost: lost.length, duplicates: arrivals.duplicates })
  const found = { at: point.name, killed, lost, doubled, wrong, left: bench.files.length }
  // The two folders that are never removed: that of the version, and that of endpoint and tenant.
  const folders = 2 + (point.leavesFolder === true ? KILLS : 0)
  expect(found).toEqual({ at: point.name, killed: KILLS, lost: [], doubled: [], wrong: [], left: folders })
}
