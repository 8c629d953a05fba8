// The source of the exit worker: plain JavaScript as text, so that it needs no file and survives every bundler.
// Posts the bodies of each job in order, the jobs side by side. Uncompressed, over node:http(s) only. A request that
// fails in a way worth another try is tried again until the parent thread stops waiting.

export const EXIT_WORKER_SOURCE: string = `
'use strict'
const { workerData: { jobs, cells, timeoutMillis } } = require('node:worker_threads')
const until = performance.now() + timeoutMillis

function post({ url, headers, proxyEnv }, body) {
  return new Promise((resolve) => {
    const { request, Agent } = require(url.startsWith('https:') ? 'node:https' : 'node:http')
    const sent = request(url, {
      method: 'POST',
      ...(proxyEnv && { agent: new Agent({ proxyEnv }) }),
      headers: { ...headers, 'content-length': body.length },
      timeout: Math.max(1, until - performance.now()),
    })
    sent.on('response', (response) => {
      response.on('error', () => {})
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve(503))
    sent.end(body)
  })
}

async function run({ request, posts, isSafe }, index) {
  if (request === undefined) return
  for (const { body, count } of posts) {
    let status = await post(request, body)
    while ([429, 502, 503, 504].includes(status)) {
      if (isSafe || performance.now() + 250 > until) return
      await new Promise((resolve) => setTimeout(resolve, 250))
      status = await post(request, body)
    }
    Atomics.add(cells, 2 * index + (status >= 200 && status < 300 ? 1 : 2), count)
  }
}

Promise.all(jobs.map(run)).finally(() => {
  Atomics.store(cells, 0, 1)
  Atomics.notify(cells, 0)
})
`
