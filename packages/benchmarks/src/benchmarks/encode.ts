// From a record, or a line's text, to the bytes of a request: no network, no thread.

import { type Benchmark, inRounds } from '../benchmark.ts'
import { runWork } from '../measure/work.ts'
import { table } from '../report/table.ts'
import type { Scale, Values } from '../results.ts'
import { rounded, type Samples, spread } from '../samples.ts'
import { type ShapeName, SHAPES } from '../shapes.ts'
import { atLeast, atMost, type Target } from '../target.ts'

const NAMES = [
  'JSON.parse',
  'ours, protobuf',
  'SDK, protobuf',
  'ours, JSON',
  'SDK, JSON',
  'ours, from text',
  'SDK, from text',
] as const

const SHOWN: Record<ShapeName, string> = {
  short: 'short line',
  mixed: '12 mixed attributes',
  request: 'pino-http line with an error',
}

/** As many as the OpenTelemetry SDK sends by default. */
const BATCH = 512

const SETTINGS: Record<Scale, { rounds: number; batch: number; warmMillis: number; millis: number }> = {
  smoke: { rounds: 1, batch: 16, warmMillis: 9, millis: 3 },
  usual: { rounds: 3, batch: BATCH, warmMillis: 600, millis: 150 },
  long: { rounds: 7, batch: BATCH, warmMillis: 1200, millis: 500 },
}

/** So large that what is counted is not collected meanwhile. */
const SEMI_SPACE = ['--min-semi-space-size=64', '--max-semi-space-size=64']

export const encode: Benchmark = {
  name: 'encode',
  title: 'Encoding',
  what: 'CPU time from a record to the bytes of a request of 512 records, for ours and for the OpenTelemetry SDK (`Logger.emit`, then its serializer); and from the text of a pino line, `JSON.parse` included. Each route runs in a process of its own, over all three shapes.',
  profiles: NAMES,

  async measure({ scale, record }) {
    const { rounds, batch, warmMillis, millis } = SETTINGS[scale]
    await inRounds(NAMES, rounds, async (name, at) => {
      const measured = await runWork<Record<ShapeName, Values>>(
        'encode/work.ts',
        [name, batch, warmMillis, millis],
        SEMI_SPACE,
      )
      for (const shape of shapes()) record({ condition: shape, contender: name, round: at, values: measured[shape] })
    })
  },

  tell(samples) {
    const rows = shapes().flatMap((shape) =>
      NAMES.map((name) => {
        const ofText = name === 'JSON.parse' || name.endsWith('from text')
        return [
          SHOWN[shape],
          name,
          spread(samples.all(shape, name, 'micros')),
          rounded(1e6 / samples.median(shape, name, 'micros')),
          rounded(
            samples.median(
              shape,
              name,
              (values) => (ofText ? values['lineBytes']! : values['bytes']!) / values['micros']!,
            ),
          ),
          rounded(samples.median(shape, name, 'allocatedBytes')),
        ]
      }),
    )
    const ratios = shapes().map((shape) => [
      SHOWN[shape],
      ...(['protobuf', 'JSON', 'from text'] as const).map((way) =>
        spread(samples.combined(shape, [`SDK, ${way}`, `ours, ${way}`], 'micros', (sdk, ours) => sdk / ours)),
      ),
    ])
    return [
      'How many times the CPU time of ours the SDK takes:',
      table(['Shape', 'record to protobuf', 'record to JSON', 'text to protobuf'], ratios),
      'MB/s are of encoded bytes where a record is encoded, and of the text where a line is read.',
      table(['Shape', 'Route', 'CPU µs per record', 'records/s', 'MB/s', 'allocated bytes per record'], rows),
    ]
  },

  targets: (samples) => [...shapes().map((shape) => threefold(samples, shape)), withinParse(samples)],

  profile: async (execArgv, of = 'ours, from text') => {
    await runWork('encode/work.ts', [of, BATCH, 1000, 1000], execArgv)
  },
}

function shapes(): ShapeName[] {
  return Object.keys(SHAPES) as ShapeName[]
}

function threefold(samples: Samples, shape: ShapeName): Target {
  const ratios = samples.combined(shape, ['SDK, protobuf', 'ours, protobuf'], 'micros', (sdk, ours) => sdk / ours)
  return atLeast(`Encoding, ${SHOWN[shape]}: the SDK's emit and serialize take at least 3 times as long`, ratios, 3)
}

function withinParse(samples: Samples): Target {
  const ratios = samples.combined('short', ['ours, from text', 'JSON.parse'], 'micros', (ours, parse) => ours / parse)
  return atMost('Parsing, converting and encoding the short line: at most 2 times its JSON.parse', ratios, 2)
}
