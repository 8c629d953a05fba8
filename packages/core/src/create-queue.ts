// The queue that the settings ask for: in memory, or on disk.

import type { Clock } from './clock.ts'
import { systemDisk } from './disk.ts'
import type { Encoder } from './encode.ts'
import { Journal } from './journal.ts'
import type { JournalSettings, Settings } from './settings.ts'
import { MemoryQueue, type RecordQueue } from './queue.ts'
import type { Counters, DropReason } from './report.ts'

export interface QueueOptions {
  settings: Settings
  encoder: Encoder
  counters: Counters
  clock: Clock
  /** Records were given up from the front of the queue. */
  onEvict(reason: DropReason, count: number): void
  /** Records at the front of the queue are set aside: they come in turn with the others. */
  onSetAside(count: number): void
  /** Records were lost that were not in it. */
  onLost(reason: DropReason, count: number): void
  /** So many records were written by `commit`. */
  onCommitted(count: number): void
  onTrouble(message: string): void
  onReady(): void
}

/** A record that waits longer than this although it should be delivered is brought to the device. */
const UNDELIVERED_MILLIS = 500

export function createQueue(options: QueueOptions): RecordQueue {
  const { settings, encoder, onEvict } = options
  const { next } = encoder.envelope
  return settings.journal === undefined
    ? new MemoryQueue({
        ...settings,
        next,
        onEvict: (count) => onEvict('queue_full', count),
        onGone: (slab, count) => encoder.giveBack(slab, count),
      })
    : createJournal(settings.journal, options)
}

function createJournal(journal: JournalSettings, options: QueueOptions): Journal {
  const { settings, encoder, counters } = options
  counters.hasJournal = true
  const created: Journal = new Journal({
    ...journal,
    key: keyOf(settings, journal),
    maxQueueBytes: settings.maxQueueBytes,
    maxQueueSize: settings.maxQueueSize,
    overflow: settings.overflow,
    syncMillis: settings.scheduledDelayMillis + UNDELIVERED_MILLIS,
    encoding: settings.protocol === 'http/json' ? 'json' : 'protobuf',
    resource: encoder.resource,
    next: encoder.envelope.next,
    scope: (scopeId) => encoder.scope(scopeId),
    disk: systemDisk,
    clock: options.clock,
    onEvict: options.onEvict,
    onLost: options.onLost,
    onSetAside: options.onSetAside,
    onCommitted: options.onCommitted,
    onTrouble: options.onTrouble,
    onReady: options.onReady,
    onGone: (slab, count) => encoder.giveBack(slab, count),
    onAdopted: (count) => {
      counters.add('adopted', count)
      // They wait as well, from now on.
      counters.waits(created)
    },
    onDamage: (what) => counters.add(what === 'torn' ? 'journalTorn' : 'journalCorrupt'),
    onHeld: () => {
      // While it is being made, there is nothing to tell.
      const { bytes, segments, oldestUnixMillis, unsafe } = (created as Journal | undefined)?.held ?? NOTHING
      counters.set('journalBytes', bytes)
      counters.set('journalSegments', segments)
      counters.set('journalOldest', oldestUnixMillis)
      counters.set('journalUnsafe', unsafe)
    },
  })
  return created
}

const NOTHING = { bytes: 0, segments: 0, oldestUnixMillis: 0, unsafe: 0 }

/** Endpoint and tenant, in 16 hex digits from which no secret can be read. */
function keyOf({ url, headers }: Settings, { tenant }: JournalSettings): string {
  const who = tenant === undefined ? Object.entries(headers).toSorted() : tenant
  return process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(JSON.stringify([url, who]))
    .digest('hex')
    .slice(0, 16)
}
