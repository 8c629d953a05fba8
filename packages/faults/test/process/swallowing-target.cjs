// A pino transport that does nothing, to see how pino ends an app whose worker dies, whatever the transport.

const { Writable } = require('node:stream')

module.exports = () => new Writable({ write: (_chunk, _encoding, done) => done() })
