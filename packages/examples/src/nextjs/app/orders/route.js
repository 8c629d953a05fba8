import { after, NextResponse } from 'next/server'
import { logger, otlp } from '@/lib/logger'

export async function POST(request) {
  after(() => otlp.flush()) // for serverless hosts, which freeze the process after the answer
  const { item, quantity } = await request.json()
  if (!(quantity > 0)) throw new RangeError(`Expected a quantity from 1 up, got ${quantity}`)
  logger.info({ item, quantity }, 'order placed')
  return NextResponse.json({ item, quantity }, { status: 201 })
}
