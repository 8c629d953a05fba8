// The three orders that the demo sends, as a browser or a gateway would that traces itself: each with a `traceparent`
// header of its own. The services go on with that trace, so that the ids of their logs are known in advance.

import { randomBytes } from 'node:crypto'

interface Order {
  item: string
  quantity: number
  card: { last4: string; expires: string }
}

export interface SentOrder {
  traceId: string
  title: string
  status: number
  expectedStatus: number
}

const GOOD_CARD = { last4: '4242', expires: '2099-12-31' }
const EXPIRED_CARD = { last4: '0069', expires: '2020-12-31' }

const ORDERS: { order: Order; expectedStatus: number }[] = [
  { order: { item: 'tea', quantity: 2, card: GOOD_CARD }, expectedStatus: 201 },
  { order: { item: 'coffee', quantity: 1, card: GOOD_CARD }, expectedStatus: 201 },
  { order: { item: 'cake', quantity: 3, card: EXPIRED_CARD }, expectedStatus: 502 },
]

const REQUEST_MILLIS = 10_000

/** One after the other. @throws Error when there is no answer */
export async function sendOrders(url: string): Promise<SentOrder[]> {
  const sent: SentOrder[] = []
  for (const { order, expectedStatus } of ORDERS) {
    const traceId = randomBytes(16).toString('hex')
    const spanId = randomBytes(8).toString('hex')
    const { status } = await fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${spanId}-01` },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(REQUEST_MILLIS),
    }).catch((error: Error) => {
      throw new Error(`orders did not answer: ${String(error.cause ?? error)}`)
    })
    sent.push({ traceId, title: `${order.quantity} x ${order.item}`, status, expectedStatus })
  }
  return sent
}
