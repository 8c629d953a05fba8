import cluster from 'node:cluster'
import { createServer } from 'node:http'
import pino from 'pino'

const resource = { 'service.name': 'orders' }
const detectors = ['env', 'host', 'process', 'serviceinstance']

// Every process makes a transport of its own, and so has a service.instance.id of its own.
const logger = pino({
  transport: {
    targets: [
      { target: 'pino/file', options: { destination: 1 } },
      { target: 'pino-otlp', options: { resource, detectors } },
    ],
  },
})

if (cluster.isPrimary) {
  cluster.fork()
  cluster.fork()
  cluster.on('exit', ({ process: { pid } }, code) => logger.info({ worker: pid, code }, 'worker ended'))
  // Each worker closes its server and ends by itself, and the primary when they have.
  process.once('SIGTERM', () => cluster.disconnect())
} else {
  const server = createServer((request, response) => {
    logger.info({ 'url.path': request.url }, 'request received')
    response.end('ok')
  })
  server.listen(process.env.PORT ?? 3000, () => {
    logger.info(`listening at http://localhost:${server.address().port}`)
  })
}
