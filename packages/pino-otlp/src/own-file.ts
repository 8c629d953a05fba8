// Where the worker finds what it runs: in the package's own file, which holds all rooms.

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { PACKAGE } from './host.ts'

/** The worker runs this very file, whose default export is pino's transport function. */
export function ownFile(): string {
  // In a bundle this would be the app itself, which must not run a second time in the worker; or a file that is not there.
  if (nameOfPackage(import.meta.url) !== PACKAGE.name || !/\/index\.[cm]js$/.test(import.meta.url)) {
    throw new TypeError('otlpTransport cannot find its worker in a bundle: keep pino-otlp external, or use otlpStream')
  }
  return fileURLToPath(import.meta.url)
}

function nameOfPackage(url: string | undefined): unknown {
  try {
    return (createRequire(url!)('../package.json') as { name?: unknown }).name
  } catch {
    return undefined
  }
}
