// An app with pino and its worker target that logs all lines, to its natural end. Options of the transport come as argument.

import pino from 'pino'
import type { OtlpOptions } from 'pino-otlp'
import { LINES } from './lines.ts'

const transport = { target: 'pino-otlp', level: 'trace', options: JSON.parse(process.argv[2]!) as OtlpOptions }
const logger = pino({ level: 'trace', base: null, transport })
for (const { level, message, fields } of LINES) logger[level](fields, message)
