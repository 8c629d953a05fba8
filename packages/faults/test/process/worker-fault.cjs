// Preloaded (NODE_OPTIONS) into an app and into its workers. In a worker it waits for the app to say what the worker has to
// suffer; in the app it bounds the heap of workers, which no user can do, so that one may run out of memory in little time.

const threads = require('node:worker_threads')
const { writeSync } = require('node:fs')

const HEAP_MIB = 32
const BLOCK_MILLIS = 2000

const faults = {
  'exits with 0': () => process.exit(0),
  'exits with 1': () => process.exit(1),
  // In a turn of its own: thrown in a listener, it would be the channel's.
  throws: () =>
    setImmediate(() => {
      throw new Error('boom')
    }),
  'leaves a rejection unhandled': () => void Promise.reject(new Error('boom')),
  'runs out of memory': () => {
    let list
    for (;;) list = { list }
  },
  'is blocked': () => {
    writeSync(1, 'blocked\n')
    const until = performance.now() + BLOCK_MILLIS
    while (performance.now() < until);
    writeSync(1, 'free\n')
  },
}

if (threads.isMainThread) {
  threads.Worker = class extends threads.Worker {
    constructor(file, options) {
      super(file, { ...options, resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB } })
    }
  }
} else {
  const channel = new threads.BroadcastChannel('worker-fault')
  channel.addEventListener('message', ({ data }) => faults[data]())
  channel.unref()
}
