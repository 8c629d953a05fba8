// What every program of these tests logs, and so what must arrive and be printed.

import type { Receiver } from '@otlp-logs/test-support'

const BODIES = ['line 1', 'line 2', 'line 3']

export async function expectDelivered(receiver: Receiver): Promise<void> {
  const records = await receiver.waitForRecords(BODIES.length)
  expect(records.map(({ body }) => body)).toEqual(BODIES)
  expect(records.map(({ attributes }) => attributes['n'])).toEqual([1, 2, 3])
  expect(records[0]?.resource['service.name']).toBe('orders')
  expect(receiver.problems).toEqual([])
}

/** @param messageKey the field that the logger prints its message under */
export function expectPrinted(stdout: string, messageKey: string): void {
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  expect(lines).toMatchObject(BODIES.map((body, index) => ({ [messageKey]: body, n: index + 1 })))
}
