// A stage of a pino pipeline that changes nothing.

import { PassThrough } from 'node:stream'

export default () => new PassThrough()
