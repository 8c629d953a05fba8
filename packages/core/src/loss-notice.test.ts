import { decodeRequest, flattenRecords } from '@otlp-logs/test-support'
import { Encoder, type EncoderOptions } from './encode.ts'
import { LossNotice } from './loss-notice.ts'
import type { Run } from './slab.ts'

const OPTIONS: EncoderOptions = {
  protocol: 'http/protobuf',
  resource: { 'service.name': 'orders' },
  scope: { name: 'test' },
  attributeCountLimit: 128,
  attributeValueLengthLimit: Number.POSITIVE_INFINITY,
  maxRecordBytes: 1 << 20,
}

function decode(run: Run, protocol: EncoderOptions['protocol']): ReturnType<typeof flattenRecords> {
  const { envelope } = new Encoder({ ...OPTIONS, protocol })
  const body = Buffer.concat(envelope.payload([run]).chunks)
  const { message, problems } = decodeRequest(body, protocol === 'http/json' ? 'json' : 'protobuf')
  expect(problems).toEqual([])
  return flattenRecords(message!, 0)
}

describe('LossNotice', () => {
  it('has nothing to say when nothing was lost', () => {
    expect(new LossNotice(OPTIONS).take()).toBeUndefined()
  })

  it.each(['http/protobuf', 'http/json'] as const)(
    'tells all losses since the last one in one record (%s)',
    (protocol) => {
      const notice = new LossNotice({ ...OPTIONS, protocol })
      notice.add('queue_full', 5)
      notice.add('rejected', 2)
      notice.add('queue_full', 10)
      const before = BigInt(Date.now()) * 1_000_000n
      const [record, ...others] = decode(notice.take()!, protocol)
      expect(others).toEqual([])
      expect(record).toMatchObject({
        eventName: 'otlp_logs.dropped',
        severityNumber: 13,
        body: '17 log records lost: 15 queue_full, 2 rejected',
        attributes: { 'otlp_logs.dropped.queue_full': 15, 'otlp_logs.dropped.rejected': 2 },
        scope: { name: 'test' },
        resource: { 'service.name': 'orders' },
      })
      expect(record!.timeUnixNano >= before - 1_000_000n).toBe(true)
      expect(record!.observedTimeUnixNano).toBe(record!.timeUnixNano)
      expect(notice.take()).toBeUndefined()
    },
  )

  it('begins to count again after it was told', () => {
    const notice = new LossNotice(OPTIONS)
    notice.add('expired', 1)
    notice.take()
    notice.add('expired', 2)
    expect(decode(notice.take()!, 'http/protobuf')[0]!.attributes).toEqual({ 'otlp_logs.dropped.expired': 2 })
  })

  it('fits, however small the limits on records are', () => {
    const notice = new LossNotice({
      ...OPTIONS,
      maxRecordBytes: 1024,
      attributeCountLimit: 0,
      attributeValueLengthLimit: 1,
    })
    notice.add('queue_full', 5)
    expect(decode(notice.take()!, 'http/protobuf')[0]).toMatchObject({ body: '5 log records lost: 5 queue_full' })
  })
})
