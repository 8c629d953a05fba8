// What is logged: three shapes of line, each numbered. The number stands in the message as `~000000042`, so that a receiver
// finds it in the bytes of any encoding without decoding them.

export interface Shape {
  message(seq: number): string
  fields(seq: number): Record<string, unknown>
}

export type ShapeName = 'short' | 'mixed' | 'request'

/** As many digits as the number of a line has. */
const DIGITS = 9
/** What stands before the number, and seldom anywhere else. */
const MARK = '~'

/** @param seq negative for lines that nobody is to count */
function numbered(seq: number): string {
  return seq < 0 ? '-' : MARK + String(seq).padStart(DIGITS, '0')
}

export const SHAPES: Readonly<Record<ShapeName, Shape>> = {
  short: {
    message: (seq) => `order ${numbered(seq)} placed`,
    fields: (seq) => ({
      orderId: 'ord_01jd8f3v5k',
      userId: 10_000 + (seq & 0xffff),
      amount: 129.95,
      currency: 'EUR',
      express: false,
      region: 'eu-central-1',
    }),
  },
  mixed: {
    message: (seq) => `job ${numbered(seq)} finished`,
    fields: (seq) => ({
      jobId: `job-${seq & 0xffff}`,
      queue: 'invoices',
      attempt: 1 + (seq & 3),
      durationMs: 12.75 + (seq & 0xff),
      bytes: 1_048_576 + seq,
      cached: (seq & 1) === 0,
      tenant: 'müller & søn',
      tags: ['nightly', 'retryable', 'eu'],
      limits: { cpu: 0.5, memoryMb: 512 },
      parent: null,
      worker: 'worker-7',
      note: 'quoted "text", and a\nsecond line',
    }),
  },
  request: {
    message: (seq) => `request ${numbered(seq)} errored`,
    fields: (seq) => ({
      req: {
        id: seq & 0xffff,
        method: 'POST',
        url: '/api/v2/orders/1042/payments?dryRun=false',
        query: { dryRun: 'false' },
        params: { orderId: '1042' },
        headers: { host: 'orders.example.com', 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)', accept: '*/*' },
        remoteAddress: '10.4.17.23',
        remotePort: 51_234,
      },
      res: { statusCode: 500, headers: { 'content-type': 'application/json', 'content-length': '94' } },
      err: {
        type: 'PaymentError',
        message: 'card declined',
        stack:
          'PaymentError: card declined\n    at charge (/app/src/payments/charge.js:88:11)\n    at async pay (/app/src/orders/pay.js:41:5)\n    at async /app/node_modules/fastify/lib/handler.js:12:9',
        code: 'card_declined',
      },
      responseTime: 37,
    }),
  },
}

/** The line that pino writes, without its end. */
export function pinoLine(shape: ShapeName, seq: number): string {
  const { fields, message } = SHAPES[shape]
  const own = { level: 30, time: 1_795_249_083_091 + (seq >> 4), pid: 4242, hostname: 'orders-7d9f8b6c5-x2x4z' }
  return JSON.stringify({ ...own, ...fields(seq), msg: message(seq) })
}

/** A line whose length is that of its text, more or less. */
export function numberedLine(seq: number, text: string): string {
  return `{"level":30,"time":1795249083091,"text":"${text}","msg":"step ${numbered(seq)} done"}\n`
}
