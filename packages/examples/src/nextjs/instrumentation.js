// Next.js calls this with what a page or a route throws.
export async function onRequestError(err, { method, path }) {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const { logger } = await import('@/lib/logger')
  logger.error({ err, method, path }, 'request failed')
}
