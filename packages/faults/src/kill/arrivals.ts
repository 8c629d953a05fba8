// What has come of many processes that share a journal, told apart by the resource of each: a process's lines go by its
// own numbers, whoever sends them. Who sent a request stands in its header `x-sender`, so that of each line that came
// twice it is known which request brought it first, and whose that was: a death may double the batch that was under way.

import { type ReceivedRecord, type ReceivedRequest, textOf } from '@otlp-logs/test-support'

/** What has come of one process's lines. */
export interface Arrived {
  /** Distinct lines. */
  delivered: number
  /** Lines that came once more. */
  duplicates: number
  /** Lines that are not what was logged. */
  mismatches: number
  /** Lines that came for the first time after a later one. */
  disordered: number
  /** The service's name in the resource they came with, and the scope. */
  service: string
  scope: string
}

interface Known extends Arrived {
  /** By line: the number of the request that brought it first. */
  broughtBy: Uint32Array
  last: number
}

/** The attribute of the resource that tells processes apart, set by OTEL_RESOURCE_ATTRIBUTES. */
export const LIFE_KEY = 'app.life'
export const SENDER_HEADER = 'x-sender'

const NOTHING: Arrived = { delivered: 0, duplicates: 0, mismatches: 0, disordered: 0, service: '', scope: '' }

export class Arrivals {
  readonly #known = new Map<string, Known>()
  /** Who sent the request of that number. */
  readonly #senders: string[] = ['']
  /** By sender: the requests of which lines came again. */
  readonly #doubled = new Map<string, Set<number>>()
  /** What is wrong with requests. */
  readonly problems: string[] = []
  /** Records `otlp_logs.dropped`: reasons with their counts. */
  readonly announced: Record<string, number>[] = []

  /** For a receiver's `onAccepted`. */
  readonly add = (records: readonly ReceivedRecord[], { headers, problems }: ReceivedRequest): void => {
    const request = this.#senders.push(String(headers[SENDER_HEADER] ?? '')) - 1
    for (const problem of problems) this.problems.push(`request ${request}: ${problem}`)
    for (const record of records) this.#addOne(record, request)
  }

  of(life: string): Arrived {
    const {
      broughtBy: _broughtBy,
      last: _last,
      ...arrived
    } = this.#known.get(life) ?? { ...NOTHING, broughtBy: 0, last: 0 }
    return arrived
  }

  /** Distinct lines of all. */
  get delivered(): number {
    return this.#sum('delivered')
  }

  get duplicates(): number {
    return this.#sum('duplicates')
  }

  has(life: string, seq: number): boolean {
    return (this.#known.get(life)?.broughtBy[seq] ?? 0) > 0
  }

  /** The numbers below `end` of a process's lines that have not come, at most the first 20. */
  missing(life: string, end: number): number[] {
    const missing: number[] = []
    for (let seq = 0; seq < end && missing.length < 20; seq++) if (!this.has(life, seq)) missing.push(seq)
    return missing
  }

  /** Of how many requests of each sender lines came again. */
  doubledRequests(): Map<string, number> {
    return new Map([...this.#doubled].map(([sender, requests]) => [sender, requests.size]))
  }

  /** Who has sent requests. */
  get senders(): Set<string> {
    return new Set(this.#senders.slice(1))
  }

  #sum(what: 'delivered' | 'duplicates'): number {
    return [...this.#known.values()].reduce((sum, known) => sum + known[what], 0)
  }

  #addOne({ eventName, attributes, resource, scope }: ReceivedRecord, request: number): void {
    if (eventName === 'otlp_logs.dropped') {
      const prefix = 'otlp_logs.dropped.'
      const counts = Object.entries(attributes).filter(([name]) => name.startsWith(prefix))
      this.announced.push(Object.fromEntries(counts.map(([name, n]) => [name.slice(prefix.length), Number(n)])))
      return
    }
    const known = this.#of(String(resource[LIFE_KEY]))
    known.service = String(resource['service.name'])
    known.scope = scope.name
    const { seq, text } = attributes
    const bytes = Number(String(text).split('/', 2)[1])
    if (typeof seq !== 'number' || text !== textOf(seq, bytes)) return void known.mismatches++
    if (seq >= known.broughtBy.length) known.broughtBy = longer(known.broughtBy, seq)
    const broughtBy = known.broughtBy[seq]!
    if (broughtBy > 0) {
      known.duplicates++
      const sender = this.#senders[broughtBy]!
      this.#doubled.set(sender, (this.#doubled.get(sender) ?? new Set()).add(broughtBy))
      return
    }
    known.broughtBy[seq] = request
    known.delivered++
    if (seq < known.last) known.disordered++
    else known.last = seq
  }

  #of(life: string): Known {
    const known = this.#known.get(life) ?? { ...NOTHING, broughtBy: new Uint32Array(1024), last: -1 }
    this.#known.set(life, known)
    return known
  }
}

function longer(array: Uint32Array, index: number): Uint32Array {
  const copy = new Uint32Array(Math.max(2 * array.length, index + 1))
  copy.set(array)
  return copy
}
