// The source of the exit worker: plain JavaScript as text, so that it needs no file and survives every bundler.
// Posts the bodies of each job in order, the jobs side by side. Uncompressed, over node:http(s), or over node:http2 with the
// frame and the trailers of gRPC, whose package may not be found from here. A request that fails in a way worth another try is tried again until the parent thread stops waiting.

export const EXIT_WORKER_SOURCE: string = `
'use strict'
const { workerData: { jobs, cells, timeoutMillis } } = require('node:worker_threads')
const until = performance.now() + timeoutMillis

function post({ url, headers, proxyEnv, tls }, body) {
  return new Promise((resolve) => {
    const { request, Agent } = require(url.startsWith('https:') ? 'node:https' : 'node:http')
    const sent = request(url, {
      method: 'POST',
      ...tls,
      ...(proxyEnv && { agent: new Agent({ proxyEnv, ...tls }) }),
      headers: { ...headers, 'content-length': body.length },
      timeout: Math.max(1, until - performance.now()),
    })
    sent.on('response', (response) => {
      response.on('error', () => {})
      resolve({ status: response.statusCode, rejected: rejectedOf(response) })
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve({ status: 503 }))
    sent.end(body)
  })
}

// How many records a partial success refuses. The status line has decided: what the rest is, or takes, must not undo it.
function rejectedOf(response) {
  return new Promise((resolve) => {
    const chunks = []
    let bytes = 0
    response.on('data', (chunk) => {
      bytes += chunk.length
      if (bytes <= 65536) chunks.push(chunk)
    })
    response.on('end', () => resolve(partialSuccess(Buffer.concat(chunks)) || 0))
    response.on('close', () => resolve(0))
    setTimeout(() => resolve(0), 500)
  })
}

// ExportLogsServiceResponse { partial_success = 1 { rejected_log_records = 1 } }
function partialSuccess(body) {
  try {
    if (body[0] === 0x7b) return Number(JSON.parse(body.toString()).partialSuccess?.rejectedLogRecords)
    let at = 0
    const varint = () => {
      let value = 0
      for (let shift = 1; ; shift *= 128) {
        const byte = body[at++]
        value += (byte & 127) * shift
        if (!(byte & 128)) return value
      }
    }
    if (varint() !== 10) return 0
    varint()
    return varint() === 8 ? varint() : 0
  } catch {
    return 0
  }
}

// One session for the calls of a job. The status lies in the trailers, or, without a message, in the headers.
function caller({ url, headers, tls }) {
  const { origin, pathname } = new URL(url)
  let session
  return (body) => new Promise((resolve) => {
    if (session === undefined || session.destroyed || session.closed) {
      session = require('node:http2').connect(origin, tls)
      session.on('error', () => {})
    }
    const left = Math.max(1, Math.floor(until - performance.now()))
    const stream = session.request({ ':method': 'POST', ':path': pathname, ...headers, 'grpc-timeout': left + 'm' })
    const chunks = []
    let last = {}
    const keep = (received) => { if (received['grpc-status'] !== undefined) last = received }
    stream.on('response', keep)
    stream.on('trailers', keep)
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.setTimeout(left, () => session.destroy())
    stream.on('error', () => {})
    stream.on('close', () => resolve(answerOf(last, Buffer.concat(chunks).subarray(5))))
    const frame = Buffer.alloc(5)
    frame.writeUInt32BE(body.length, 1)
    stream.end(Buffer.concat([frame, body]))
  })
}

// As over HTTP: 503 is worth another try, 400 is final.
function answerOf({ 'grpc-status': code, 'grpc-message': message, 'grpc-status-details-bin': details }, body) {
  if (code === '0') return { status: 200, rejected: partialSuccess(body) || 0 }
  const isTooLarge = /large|exceeds/i.test(message)
  const isThrottled = code === '8' && /RetryInfo/.test(Buffer.from(String(details), 'base64').toString('latin1'))
  const isPassing = code === undefined || ['1', '4', '10', '11', '14', '15'].includes(code)
  return { status: isThrottled || (isPassing && !isTooLarge) ? 503 : 400 }
}

async function run({ request, posts, isSafe }, index) {
  if (request === undefined) return
  const call = request.isGrpc ? caller(request) : undefined
  const send = (body) => (call === undefined ? post(request, body) : call(body))
  for (const { body, count } of posts) {
    let { status, rejected } = await send(body)
    while ([429, 502, 503, 504].includes(status)) {
      if (isSafe || performance.now() + 250 > until) return
      await new Promise((resolve) => setTimeout(resolve, 250))
      ;({ status, rejected } = await send(body))
    }
    const isSuccess = status >= 200 && status < 300
    // Counted before its body is read, as that may take longer than there is time.
    Atomics.add(cells, 2 * index + (isSuccess ? 1 : 2), count)
    const refused = isSuccess ? Math.min(count, await rejected) : 0
    Atomics.sub(cells, 2 * index + 1, refused)
    Atomics.add(cells, 2 * index + 2, refused)
  }
}

Promise.all(jobs.map(run)).finally(() => {
  Atomics.store(cells, 0, 1)
  Atomics.notify(cells, 0)
})
`
