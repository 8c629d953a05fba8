// The demo loads this into its services. When it lets go of a service's stdin, or is gone itself, the service stops as on
// SIGTERM: a signal that Windows does not have, and that nobody sends when a demo is killed.

import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.stdin.once('end', () => process.emit('SIGTERM'))
  process.stdin.resume().unref()
}
