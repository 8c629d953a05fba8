// L5 to L13: `profile: 'loki'` with winston. What Loki would make of a record is worked out by its own rules (test-support).

import { toLokiEntry } from '@otlp-logs/test-support'
import winston from 'winston'
import { PROTOCOLS, Shipyard, UNFORMATTED } from '../ship.ts'

const yard = new Shipyard()
const profile = 'loki'

it.each([
  [winston.config.npm.levels, ['error', 'warn', 'info', 'debug', 'debug', 'debug', 'trace']],
  [winston.config.syslog.levels, ['fatal', 'error', 'error', 'error', 'warn', 'info', 'info', 'debug']],
])('L12, L13: Loki sees a level that it knows for each of %j', async (levels, expected) => {
  const names = Object.keys(levels)
  const records = await yard.ship((log) => void names.forEach((name) => log[name]!('x', { lvl: 'gold' })), {
    logger: { levels, level: names.at(-1)! },
    transport: { profile },
  })
  expect(records.map((record) => toLokiEntry(record).detectedLevel)).toEqual(expected)
})

it.each(PROTOCOLS)('L8, L9, L10: whatever is logged fits into Loki, over %s', async (protocol) => {
  const error = Object.assign(new TypeError('boom'), { code: 'E1', 'a.b': 1, a_b: 2 })
  error.stack = `TypeError: boom\n${'    at deep (file.js:1:1)\n'.repeat(20_000)}`
  const wide = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, { deep: [i, { i }] }]))
  const [plain, failed] = await yard.ship(
    (log) => {
      log['info']!('x', { ...wide, map: new Map([[1, Buffer.alloc(100_000)]]) })
      log['error']!('failed', error)
    },
    {
      logger: { format: UNFORMATTED },
      transport: { profile, protocol, detectors: ['env', 'host', 'process', 'serviceinstance'] },
    },
  )
  const entries = [plain!, failed!].map(toLokiEntry)
  expect(entries.flatMap(({ problems }) => problems)).toEqual([])
  expect(plain!.droppedAttributesCount).toBeGreaterThan(400)
  expect(entries[1]!.line).toMatch(/^failed boom\nTypeError: boom\n +at deep/)
  expect(failed!.attributes).toMatchObject({ 'exception.type': 'TypeError', code: 'E1' })
  expect(failed!.resource).not.toHaveProperty('service.instance.id')
})
