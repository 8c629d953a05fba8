// An app with winston that logs all lines, to its natural end. Options of the transport come as argument.

import winston from 'winston'
import { OtlpTransport, type OtlpTransportOptions } from 'winston-otlp'
import { LINES } from './lines.ts'

const transport = new OtlpTransport(JSON.parse(process.argv[2]!) as OtlpTransportOptions)
const logger = winston.createLogger({ level: 'silly', transports: [transport] })
for (const { level, message, fields } of LINES) logger[level](message, fields)
