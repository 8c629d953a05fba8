import pino from 'pino'
import { otlpStream } from 'pino-otlp'

// Kept in `globalThis`: `next dev` loads this file anew with each change.
globalThis.otlp ??= otlpStream({ resource: { 'service.name': 'orders' } })

export const otlp = globalThis.otlp
export const logger = pino({}, pino.multistream([process.stdout, otlp]))
