// What whole-process.ts measured, told.

import {
  OTLP_TRANSPORT,
  PINO_FILE,
  PINO_OPENTELEMETRY,
  COUNTING,
  PINO_TARGET,
  OTLP_STREAM,
  PINO_NO_OP,
  PINO_LOKI,
  WINSTON_LOKI,
  WINSTON_NO_OP,
  WINSTON_OTLP,
} from '../contenders.ts'
import { lostOf } from '../measure/stretch-values.ts'
import { table } from '../report/table.ts'
import { rounded, type Samples, spread } from '../samples.ts'
import { atLeast, atMost, type Target } from '../target.ts'
import {
  BRIDGE,
  COMPARED_RATE,
  FULL_SPEED,
  HELD_RATE,
  heldWith,
  losslessWith,
  ofRate,
  ROUND_TRIPS,
} from './whole-process-names.ts'

const CPU = 'cpuMicrosPerRecord'

/** The same logger, without a way out. */
const FLOORS = new Map<string, string>([
  ...[OTLP_TRANSPORT, PINO_TARGET, PINO_OPENTELEMETRY, PINO_LOKI].map((of) => [of.name, PINO_FILE.name] as const),
  [OTLP_STREAM.name, PINO_NO_OP.name],
  ...[WINSTON_OTLP, BRIDGE, WINSTON_LOKI].map((of) => [of.name, WINSTON_NO_OP.name] as const),
])

export function tellWholeProcess(samples: Samples): string[] {
  const rates = samples.conditions.filter((condition) => condition.endsWith('lines/s'))
  const compared = ofRate(COMPARED_RATE)
  const rows = rates.flatMap((rate) =>
    samples
      .contenders(rate)
      .map((contender) => [
        rate,
        contender,
        spread(added(samples, rate, contender)),
        spread(samples.all(rate, contender, CPU)),
        lostOf(samples.values(rate, contender)),
        spread(samples.all(rate, contender, 'loggedPerSecond')),
        spread(samples.all(rate, contender, 'rssPeakMib')),
      ]),
  )
  return [
    `At ${compared}, over the floor, pino-opentelemetry-transport adds ${spread(peerRatio(samples))} times the CPU time that otlpTransport adds, and the official bridge for winston ${spread(bridgeRatio(samples))} times that of OtlpTransport.`,
    table(['Rate', 'Transport', 'CPU µs added', 'CPU µs per record', 'lost', 'logged per s', 'RSS peak, MiB'], rows),
    tellSpeed(samples),
    tellLossless(samples),
  ]
}

function tellSpeed(samples: Samples): string {
  const rows = samples.contenders(FULL_SPEED).map((contender) => {
    const ceiling = contender === WINSTON_OTLP.name ? WINSTON_NO_OP : COUNTING
    const share = ofCeiling(samples, contender, ceiling.name)
    return [
      contender,
      spread(samples.all(FULL_SPEED, contender, 'deliveredPerSecond')),
      contender.startsWith('winston') ? '' : spread(share.map((each) => each * 100)),
      lostOf(samples.values(FULL_SPEED, contender)),
      spread(samples.all(FULL_SPEED, contender, CPU)),
    ]
  })
  const head = ['Transport', 'delivered per s', '% of the ceiling', 'lost', 'CPU µs per record']
  return `As fast as the app's thread can log, yielding to the event loop after each 256 lines. The ceiling of what runs in pino's worker is a stream that only counts lines, that of winston a no-op transport.\n\n${table(head, rows)}`
}

function tellLossless(samples: Samples): string {
  const rows = ROUND_TRIPS.flatMap((roundTrip) => {
    const condition = losslessWith(roundTrip)
    return samples
      .contenders(condition)
      .map((contender) => [`${roundTrip} ms`, contender, spread(samples.all(condition, contender, 'perSecond'))])
  })
  const held = ROUND_TRIPS.map((roundTrip) => {
    const condition = heldWith(roundTrip)
    const [name] = samples.contenders(condition)
    if (name === undefined) return ''
    const [first] = samples.values(condition, name)
    const seconds = rounded(first!['loggedMillis']! / 1000)
    return `${name} held ${rounded(HELD_RATE)} lines/s for ${seconds} s with ${roundTrip} ms round trip: ${lostOf(samples.values(condition, name))} lost, RSS peak ${spread(samples.all(condition, name, 'rssPeakMib'))} MiB.`
  })
  return `The highest rate at which nothing is lost and no queue grows:\n\n${table(['Round trip', 'Transport', 'lines/s'], rows)}\n\n${held.join(' ')}`
}

export function wholeProcessTargets(samples: Samples): Target[] {
  const compared = ofRate(COMPARED_RATE)
  const share = samples.combined(
    compared,
    [OTLP_TRANSPORT.name, PINO_FILE.name, PINO_OPENTELEMETRY.name],
    CPU,
    (own, floor, peer) => (own - floor) / (peer - floor),
  )
  const winston = samples.combined(compared, [WINSTON_OTLP.name, BRIDGE.name], CPU, (own, peer) => own / peer)
  const lossless = ROUND_TRIPS.map((roundTrip) => {
    const ratios = samples.combined(
      losslessWith(roundTrip),
      [OTLP_TRANSPORT.name, PINO_OPENTELEMETRY.name],
      'perSecond',
      (own, peer) => own / peer,
    )
    return atLeast(
      `Highest lossless rate, ${roundTrip} ms round trip: at least 10 times that of pino-opentelemetry-transport`,
      ratios,
      10,
    )
  })
  const held = ROUND_TRIPS.map((roundTrip) =>
    atMost(
      `Lost at ${rounded(HELD_RATE)} lines/s for 10 s, ${roundTrip} ms round trip: nothing`,
      samples.all(heldWith(roundTrip), OTLP_TRANSPORT.name, 'lost'),
      0,
    ),
  )
  return [
    atMost(`CPU time added at ${compared}: at most 0.33 of what pino-opentelemetry-transport adds`, share, 1 / 3),
    atMost(`winston at ${compared}: CPU time per record at most 0.4 of the bridge's`, winston, 0.4),
    ...held,
    ...lossless,
    atLeast(
      'At full speed, at least 40 % of what the counting stream takes',
      ofCeiling(samples, OTLP_TRANSPORT.name, COUNTING.name).map((each) => each * 100),
      40,
      ' %',
    ),
    ...samples.conditions
      .filter((condition) => condition.endsWith('lines/s'))
      .map((rate) =>
        atMost(
          `Memory at ${rate}: RSS over \`pino/file\` at most the waiting bytes and 32 MiB`,
          rssBeyondWaiting(samples, rate),
          32,
          ' MiB',
        ),
      ),
  ]
}

function added(samples: Samples, condition: string, contender: string): number[] {
  const floor = FLOORS.get(contender)
  if (floor === undefined) return []
  return samples.combined(condition, [contender, floor], CPU, (own, least) => own - least)
}

function peerRatio(samples: Samples): number[] {
  const names = [PINO_OPENTELEMETRY.name, OTLP_TRANSPORT.name, PINO_FILE.name]
  return samples.combined(ofRate(COMPARED_RATE), names, CPU, (peer, own, floor) => (peer - floor) / (own - floor))
}

function bridgeRatio(samples: Samples): number[] {
  const names = [BRIDGE.name, WINSTON_OTLP.name, WINSTON_NO_OP.name]
  return samples.combined(ofRate(COMPARED_RATE), names, CPU, (peer, own, floor) => (peer - floor) / (own - floor))
}

function ofCeiling(samples: Samples, contender: string, ceiling: string): number[] {
  return samples.combined(FULL_SPEED, [contender, ceiling], 'deliveredPerSecond', (own, most) => own / most)
}

function rssBeyondWaiting(samples: Samples, rate: string): number[] {
  const beyond = samples.combined(
    rate,
    [OTLP_TRANSPORT.name, PINO_FILE.name],
    'rssPeakMib',
    (own, floor) => own - floor,
  )
  const waiting = samples.all(rate, OTLP_TRANSPORT.name, 'waitingPeakMib')
  return beyond.map((mib, i) => mib - (waiting[i] ?? 0))
}
