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
function caller({ url, headers, tls, proxyEnv }) {
  const { origin, pathname } = new URL(url)
  let session
  return async (body) => {
    if (session === undefined || session.destroyed || session.closed) {
      const socket = proxyEnv && (await tunnel(proxyEnv.HTTPS_PROXY, new URL(url), tls))
      if (socket === null) return { status: 503 }
      session = require('node:http2').connect(origin, socket ? { createConnection: () => socket } : tls)
      session.on('error', () => {})
    }
    return ask(session, pathname, headers, body).catch(() => ({ status: 503 }))
  }
}

// A connection by CONNECT; null when there is none to be had.
function tunnel(proxy, { protocol, hostname, port }, tls) {
  const { hostname: host, port: proxyPort, username, password } = new URL(proxy)
  const path = hostname + ':' + (port || (protocol === 'https:' ? 443 : 80))
  const credentials = Buffer.from(decodeURIComponent(username) + ':' + decodeURIComponent(password)).toString('base64')
  return new Promise((resolve) => {
    const asked = require('node:http').request({
      method: 'CONNECT',
      host,
      port: proxyPort || 80,
      path,
      headers: { host: path, ...(username && { 'proxy-authorization': 'Basic ' + credentials }) },
      timeout: Math.max(1, until - performance.now()),
    })
    asked.on('connect', ({ statusCode }, socket, head) => {
      socket.on('error', () => {})
      // The server may have begun already.
      if (head.length > 0) socket.unshift(head)
      if (statusCode !== 200) resolve(null)
      else if (protocol === 'http:') resolve(socket)
      else {
        const servername = require('node:net').isIP(hostname) ? undefined : hostname
        resolve(require('node:tls').connect({ ...tls, socket, host: hostname, servername, ALPNProtocols: ['h2'] }))
      }
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(null))
    asked.end()
  })
}

function ask(session, pathname, headers, body) {
  return new Promise((resolve) => {
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
