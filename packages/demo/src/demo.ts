// `npm run demo`: two services log, one with pino and one with winston; three orders go through both, and what arrived by OTLP is shown and judged.
// Ends with 0 only if each line of both services arrived, under the trace that it belongs to.

import { styleText } from 'node:util'
import { type Receiver, startReceiver } from '@otlp-logs/test-support'
import { type Arguments, HELP, NAMES, type Name, parseArguments } from './arguments.ts'
import { closedEndpoint, environmentFor } from './environment.ts'
import { byTime, findProblems, pairUp } from './judge.ts'
import { type SentOrder, sendOrders } from './requests.ts'
import { type Line, Service } from './service.ts'
import {
  print,
  printTitle,
  showEndpoint,
  showLine,
  showOrder,
  showOther,
  showPair,
  showService,
  showTrace,
} from './show.ts'

const services: Service[] = []
/** How the transports say that records are lost. */
const LOSS = /^(?:pino|winston)-otlp: .*log records? (?:dropped|not delivered)/

const killAll = (): void => services.forEach((service) => service.kill())
process.on('exit', killAll)
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  process.on(signal, () => process.exit(code))
}
// Whoever read along, such as `head`, has seen enough.
process.stdout.on('error', () => process.exit(1))

/** Gives what went wrong. @throws Error when a service does not start or does not answer */
async function run({ endpoint, lose }: Arguments, receiver: Receiver | undefined): Promise<string[]> {
  const target = endpoint ?? receiver!.endpoint
  const problems: string[] = []
  const start = async (name: Name, more: NodeJS.ProcessEnv): Promise<string> => {
    const env = environmentFor(name === lose ? await closedEndpoint() : target, endpoint !== undefined)
    const onOther = (text: string): void => {
      print(showOther(name, text))
      // With no receiver to ask, what the transport says of itself is all that is known of a loss.
      if (receiver === undefined && LOSS.test(text)) problems.push(`${name}: ${text}`)
    }
    const service = new Service(name, { ...env, ...more }, onOther)
    services.push(service)
    return service.url()
  }

  printTitle('Two services, one with pino and one with winston, and where their logs go by OTLP')
  const paymentsUrl = await start('payments', {})
  const ordersUrl = await start('orders', { PAYMENTS_URL: paymentsUrl })
  const urls = { orders: ordersUrl, payments: paymentsUrl }
  print(...NAMES.map((name) => showService(name, urls[name])))
  print(showEndpoint(target, receiver === undefined ? 'as you said' : 'a receiver, started by this demo'))

  printTitle('Three orders; for each, orders asks payments to charge the card')
  const orders = await sendOrders(ordersUrl)
  print(...orders.map(showOrder))

  // At once: a service that stops right after its last line has to deliver that line.
  problems.push(...(await stopAll()))
  const lines = services.flatMap((service) => service.lines).toSorted(byTime)
  if (receiver === undefined) showSent(lines, problems.length === 0 ? orders : [])
  else problems.push(...receiver.problems, ...showArrived(lines, receiver, orders))
  return problems
}

async function stopAll(): Promise<string[]> {
  const ends = await Promise.all(services.map((service) => service.stop()))
  return ends.filter((problem) => problem !== undefined)
}

function showArrived(lines: Line[], { records }: Receiver, orders: SentOrder[]): string[] {
  const { pairs, left } = pairUp(lines, records)
  printTitle('Each line on stdout, and the LogRecord that arrived for it')
  print(
    'orders:   pino. The traceContext mixin writes the trace id into the line, and so into the record.',
    'payments: winston. OtlpTransport reads the trace id itself; the traceContext format is for stdout.',
    '',
  )
  print(...pairs.flatMap((pair, index) => (index === 0 ? showPair(pair) : ['', ...showPair(pair)])))
  printTitle('The same records by trace')
  print(...orders.flatMap((order, index) => (index === 0 ? showTrace(order, pairs) : ['', ...showTrace(order, pairs)])))
  const problems = findProblems(pairs, left, orders)
  if (problems.length > 0) return problems
  printTitle(`All there: ${lines.length} lines on stdout, ${records.length} LogRecords, ${orders.length} traces`)
  print(
    'To see a loss:                npm run demo -- --lose payments',
    'To send to your own backend:  npm run demo -- --endpoint http://localhost:4318',
  )
  return []
}

function showSent(lines: Line[], orders: SentOrder[]): void {
  printTitle(`The ${lines.length} lines on stdout`)
  print(...lines.flatMap(showLine))
  if (orders.length === 0) return
  printTitle(`Sent as ${lines.length} LogRecords of the services ${NAMES.join(' and ')}. In Grafana (Explore, Loki):`)
  print(...orders.map(({ traceId }) => `  {service_name=~"${NAMES.join('|')}"} | trace_id="${traceId}"`))
}

async function main(): Promise<number> {
  let args
  try {
    args = parseArguments(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  if (args.help) {
    process.stdout.write(HELP)
    return 0
  }
  const receiver = args.endpoint === undefined ? await startReceiver() : undefined
  let problems
  try {
    problems = await run(args, receiver)
  } catch (error) {
    // A service that has crashed says why before it is gone.
    problems = [...new Set([(error as Error).message, ...(await stopAll())])]
  } finally {
    killAll()
    await receiver?.close()
  }
  if (problems.length === 0) return 0
  const text = ['', 'The demo failed:', ...problems.map((problem) => `  - ${problem}`), ''].join('\n')
  process.stderr.write(styleText('red', text, { stream: process.stderr }))
  return 1
}

process.exitCode = await main()
