// winston as its README shows it: JSON, one transport.

import winston from 'winston'

export function winstonLogger(transport: winston.transport): winston.Logger {
  return winston.createLogger({ format: winston.format.json(), transports: [transport] })
}
