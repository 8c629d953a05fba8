// A certificate that is not to be trusted is trouble that may pass: it is renewed while the server runs. Until then nothing
// is sent, whatever the environment may say about it, and afterwards everything is.

import { join } from 'node:path'
import {
  CertificateAuthority,
  type Receiver,
  type ReceivedRecord,
  startApp,
  startReceiver,
  Tally,
  textOf,
} from '@otlp-logs/test-support'
import { figure } from '../../src/figures.ts'
import { closing } from './bench.ts'

const FOLDER = join(__dirname, '../..')
const LINES = 100

interface Case {
  name: string
  wish: Parameters<CertificateAuthority['make']>[0]
  /** What the message has to name. */
  says: RegExp
}

const CASES: Case[] = [
  { name: 'expired', wish: { days: -1 }, says: /certificate has expired/ },
  { name: 'self-signed', wish: { selfSigned: true }, says: /self-signed certificate/ },
  {
    name: 'for another host',
    wish: { subject: 'DNS:elsewhere.example' },
    says: /IP: 127\.0\.0\.1 is not in the cert's list/,
  },
]

/** What the app prints about each pipeline. */
interface Said {
  reports: { kind: string; message: string }[]
  stats: { received: number; sent: number; retries: number; dropped: { total: number }; waiting: { records: number } }
  /** From the renewal to the moment at which nothing waits, the record logged then included. */
  recoveryMillis: number
  verification: string | null
}

/** One app for all cases: trust in an authority is a matter of the whole process. */
test('F11: a certificate that is expired, self-signed or for another host loses nothing once it is renewed, and is named until then', async () => {
  const authority = closing(new CertificateAuthority())
  const receivers: Receiver[] = []
  const tallies: Tally[] = []
  for (const { wish } of CASES) {
    const tally = new Tally()
    const onAccepted = (records: ReceivedRecord[]): void => tally.add(records)
    receivers.push(closing(await startReceiver({ tls: authority.make(wish), onAccepted })))
    tallies.push(tally)
  }
  const source = `
    import { createPipeline, resolveOptions } from 'otlp-logs-core'
    ${textOf.toString()}
    const cases = ${JSON.stringify(receivers.map(({ endpoint }) => endpoint))}.map((endpoint) => {
      const reports = []
      const { settings, warnings } = resolveOptions({
        endpoint,
        headers: { authorization: 'Bearer canary' },
        onReport: (report) => reports.push(report),
        diagnostics: 'none',
        scheduledDelayMillis: 1,
      })
      const pipeline = createPipeline(settings, warnings, { package: { name: 'test' }, inProcess: false })
      const emit = (seq) => pipeline.emit({ observedTimeUnixNano: 1n, severityNumber: 9, attributes: { seq, text: textOf(seq, 60) } })
      for (let seq = 0; seq < ${LINES}; seq++) emit(seq)
      return { pipeline, reports, emit }
    })
    const until = async (holds) => {
      while (!cases.every(holds)) await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await until(({ pipeline }) => pipeline.stats().retries > 0)
    console.log('failing')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    process.stdin.destroy()
    const renewedAt = performance.now()
    for (const { emit } of cases) emit(${LINES})
    const said = await Promise.all(cases.map(async ({ pipeline, reports }) => {
      while (pipeline.stats().waiting.records > 0) await new Promise((resolve) => setTimeout(resolve, 10))
      const recoveryMillis = performance.now() - renewedAt
      await pipeline.shutdown()
      const verification = process.env.NODE_TLS_REJECT_UNAUTHORIZED ?? null
      return { reports, stats: pipeline.stats(), recoveryMillis, verification }
    }))
    console.log(JSON.stringify(said))`
  const app = startApp(source, { resolveFrom: FOLDER, env: { NODE_EXTRA_CA_CERTS: authority.path }, keepInput: true })
  await app.stdoutLine('failing')
  expect(receivers.map(({ requests }) => requests.length)).toEqual([0, 0, 0])
  for (const receiver of receivers) receiver.setTls(authority.make())
  app.write('renewed\n')
  const { code, stderr, stdout } = await app.done
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const said = JSON.parse(stdout.split('\n')[1]!) as Said[]
  for (const [i, { reports, stats, recoveryMillis, verification }] of said.entries()) {
    const { name, says } = CASES[i]!
    expect(stats).toMatchObject({
      received: LINES + 1,
      sent: LINES + 1,
      dropped: { total: 0 },
      waiting: { records: 0 },
    })
    expect(tallies[i]!.count).toMatchObject({ delivered: LINES + 1, duplicates: 0, mismatches: 0, disordered: 0 })
    expect(receivers[i]!.problems).toEqual([])
    // The wait after a first failure is 1 s at most, after a second one 2 s.
    expect(recoveryMillis).toBeLessThan(5000)
    const warnings = reports.filter(({ kind }) => kind !== 'connected').map(({ message }) => message)
    expect(warnings).toEqual([expect.stringContaining(receivers[i]!.url)])
    expect(warnings[0]).toMatch(says)
    expect(verification).toBeNull()
    figure('F11', name, { recoveryMillis: Math.round(recoveryMillis) })
  }
})
