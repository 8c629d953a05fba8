// Each row of the tables, shown on its examples: what the SDK makes of them is what the row says, and is not what we make
// of them; told in the row's words, it is the same. When a newer SDK does what is right, the row's test fails: take it out.

import { mended } from './comparison.ts'
import { KNOWN_FAULTS } from './known-faults.ts'
import { openOurRoute } from './our-route.ts'
import { OUR_DECISIONS } from './our-decisions.ts'
import { acts, type Example, type Row } from './row.ts'
import { openSdkRoute } from './sdk-route.ts'
import type { Protocol, Settings, Source } from './source.ts'

describe.each([
  ['a known fault of the OpenTelemetry SDK', KNOWN_FAULTS],
  ['a decision of ours', OUR_DECISIONS],
])('%s', (_table, rows) => {
  it.each(rows.map((row) => [`${row.name}: ${row.theSdk}`, row] as const))('%s', async (_name, row) => {
    for (const example of row.examples) await show(row, example)
  })

  it('has a name that no other has', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  })
})

async function show(row: Row, example: Example): Promise<void> {
  const protocols: Protocol[] = ['http/protobuf', 'http/json']
  for (const protocol of example.protocol === undefined ? protocols : [example.protocol]) {
    const limits = { attributeCountLimit: 128, attributeValueLengthLimit: Number.POSITIVE_INFINITY, ...example.limits }
    await showBy(row, example, { protocol, limits })
  }
}

async function showBy(row: Row, example: Example, settings: Settings): Promise<void> {
  const [ours, theirs] = [await openOurRoute(settings), await openSdkRoute(settings, 500)]
  try {
    const given = sourceOf(example)
    const outcome = await theirs.attempt(given, () => example.meanwhile?.(given.record))
    const source = sourceOf(example)
    const mine = await ours.send([source], () => example.meanwhile?.(source.record))
    if (typeof example.seen === 'string') {
      expect(outcome).toBe(example.seen)
    } else {
      const seen = { ...(outcome as object), ...example.seen }
      expect(outcome).toEqual(seen)
      expect(mine).not.toEqual([seen])
    }
    if (!acts(row)) return
    const { send, used } = mended(theirs, settings)
    expect(await send([source])).toEqual(mine)
    expect([...used]).toContain(row.name)
  } finally {
    await Promise.all([ours.close(), theirs.close()])
  }
}

function sourceOf({ record, error, meanwhile }: Example): Source {
  const fields = meanwhile === undefined ? record : structuredClone(record)
  return {
    record: { timeUnixNano: 1n, observedTimeUnixNano: 2n, severityNumber: 9, attributes: {}, ...fields },
    error,
  }
}
