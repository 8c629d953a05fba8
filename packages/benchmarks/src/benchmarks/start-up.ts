// What a package costs before the first line is logged: to load, to be ready, to install.

import { withActor } from '../app/stage.ts'
import { type Benchmark, inRounds } from '../benchmark.ts'
import * as all from '../contenders.ts'
import { runWork } from '../measure/work.ts'
import { table } from '../report/table.ts'
import type { Scale, Values } from '../results.ts'
import { rounded, spread } from '../samples.ts'
import { installedBy } from '../start-up/installed.ts'
import { atMost, type Target } from '../target.ts'

interface Loaded {
  name: string
  logger: 'pino' | 'winston'
  packages: readonly string[]
  /** Whose start is timed until the transport is ready. */
  readies: readonly all.Contender[]
}

const BRIDGE_PACKAGES = [
  '@opentelemetry/winston-transport',
  '@opentelemetry/api-logs',
  '@opentelemetry/sdk-logs',
  '@opentelemetry/exporter-logs-otlp-proto',
]

const LOADED: readonly Loaded[] = [
  { name: 'pino-otlp', logger: 'pino', packages: ['pino-otlp'], readies: [all.PINO_TARGET, all.OTLP_STREAM] },
  {
    name: 'pino-opentelemetry-transport',
    logger: 'pino',
    packages: ['pino-opentelemetry-transport'],
    readies: [all.PINO_OPENTELEMETRY],
  },
  { name: 'pino-loki', logger: 'pino', packages: ['pino-loki'], readies: [all.PINO_LOKI] },
  { name: 'winston-otlp', logger: 'winston', packages: ['winston-otlp'], readies: [all.WINSTON_OTLP] },
  {
    name: '@opentelemetry/winston-transport with the SDK',
    logger: 'winston',
    packages: BRIDGE_PACKAGES,
    readies: [all.WINSTON_BRIDGE],
  },
  { name: 'winston-loki', logger: 'winston', packages: ['winston-loki'], readies: [all.WINSTON_LOKI] },
]
/** What each start is compared with. */
const BARE = [all.PINO_NO_OP, all.PINO_FILE, all.WINSTON_NO_OP]

const ROUNDS: Record<Scale, number> = { smoke: 1, usual: 5, long: 25 }

const REQUIRE = 'require'
const IMPORT = 'import'
const READY = 'ready'
const INSTALLED = 'installed'

export const startUp: Benchmark = {
  name: 'start-up',
  title: 'Start-up',
  what: 'The time that `require` or `import` of a package takes in a fresh process, on top of that of its logger; the time from the start of a process until its transport is ready to take lines (for a worker, when it has loaded the transport); and the packages and bytes that an installation adds to the logger.',
  profiles: LOADED.map(({ name }) => name),

  async measure({ scale, record }) {
    await inRounds(LOADED, ROUNDS[scale], async ({ name, logger, packages }, at) => {
      for (const condition of [REQUIRE, IMPORT]) {
        const values = await runWork<Values>('start-up/work.ts', [condition, logger, ...packages])
        record({ condition, contender: name, round: at, values })
      }
    })
    await inRounds([...BARE, ...LOADED.flatMap(({ readies }) => readies)], ROUNDS[scale], async (contender, at) => {
      await withActor(contender, { warm: { perSecond: 0, millis: 0 } }, async ({ app }) => {
        const values = { readyMillis: await app.readyMillis() }
        record({ condition: READY, contender: contender.name, round: at, values })
      })
    })
    for (const { name, logger, packages } of LOADED) {
      record({ condition: INSTALLED, contender: name, round: 0, values: { ...installedBy(packages, [logger]) } })
    }
  },

  tell(samples) {
    const rows = LOADED.map(({ name, logger }) => [
      name,
      logger,
      spread(samples.all(REQUIRE, name, 'addedMillis')),
      spread(samples.all(IMPORT, name, 'addedMillis')),
      spread(samples.all(REQUIRE, name, 'loggerMillis')),
      rounded(samples.median(INSTALLED, name, 'packages')),
      rounded(samples.median(INSTALLED, name, 'bytes') / 1e6),
    ])
    const head = ['Package', 'logger', '`require`, ms', '`import`, ms', 'the logger, ms', 'packages added', 'MB added']
    const ready = samples
      .contenders(READY)
      .map((contender) => [contender, spread(samples.all(READY, contender, 'readyMillis'))])
    return [table(head, rows), table(['Transport', 'ready after, ms'], ready)]
  },

  targets(samples): Target[] {
    return ['pino-otlp', 'winston-otlp'].flatMap((name) => [
      atMost(`\`require\` of ${name}: under 15 ms`, samples.all(REQUIRE, name, 'addedMillis'), 15, ' ms'),
      atMost(`${name} installs at most 3 packages beyond the logger's`, samples.all(INSTALLED, name, 'packages'), 3),
      atMost(
        `${name} installs at most 1.5 MB`,
        samples.all(INSTALLED, name, ({ bytes }) => bytes! / 1e6),
        1.5,
        ' MB',
      ),
    ])
  },

  async profile(execArgv, of = 'pino-otlp') {
    const { logger, packages } = LOADED.find(({ name }) => name === of)!
    await runWork('start-up/work.ts', [REQUIRE, logger, ...packages], execArgv)
  },
}
