import { connection } from 'next/server'
import { logger } from '@/lib/logger'

export default async function Page() {
  await connection() // rendered for each request, not once by `next build`
  logger.info({ page: '/' }, 'page rendered')
  return <h1>Orders</h1>
}
