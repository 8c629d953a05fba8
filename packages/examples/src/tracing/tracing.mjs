import { isMainThread } from 'node:worker_threads'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { NodeSDK } from '@opentelemetry/sdk-node'

const sdk = new NodeSDK({
  instrumentations: [new HttpInstrumentation()],
  logRecordProcessors: [], // logs go their own way
})

if (isMainThread) {
  sdk.start()
  process.once('SIGTERM', () => sdk.shutdown())
}
