// CPU time and memory of this process, all threads, from a moment on.

import { readFileSync, writeFileSync } from 'node:fs'
import type { Outlet } from '../set-up/outlet.ts'
import type { Usage } from './commands.ts'

const SAMPLE_MILLIS = 25
const MIB = 2 ** 20
/** Linux keeps the true peak, which samples miss while the thread is busy, and forgets it when asked to. */
const KEEPS_PEAK = process.platform === 'linux'

export class Meter {
  readonly #outlet: Outlet
  #sampling: NodeJS.Timeout | undefined
  #cpu = process.cpuUsage()
  #waitingPeak = 0
  #rssPeak = 0

  constructor(outlet: Outlet) {
    this.#outlet = outlet
  }

  begin(): void {
    this.#waitingPeak = 0
    this.#rssPeak = 0
    resetPeak()
    clearInterval(this.#sampling)
    this.#sampling = setInterval(() => this.#sample(), SAMPLE_MILLIS).unref()
    this.#cpu = process.cpuUsage()
  }

  usage(): Usage {
    const { user, system } = process.cpuUsage(this.#cpu)
    clearInterval(this.#sampling)
    this.#sample()
    return {
      cpuMicros: user + system,
      rssPeakMib: (KEEPS_PEAK ? peakBytes() : this.#rssPeak) / MIB,
      waitingPeakMib: this.#waitingPeak / MIB,
      dropped: this.#outlet.stats?.().dropped.total ?? 0,
    }
  }

  #sample(): void {
    this.#waitingPeak = Math.max(this.#waitingPeak, this.#outlet.stats?.().waiting.bytes ?? 0)
    if (!KEEPS_PEAK) this.#rssPeak = Math.max(this.#rssPeak, process.memoryUsage.rss())
  }
}

function resetPeak(): void {
  if (KEEPS_PEAK) writeFileSync('/proc/self/clear_refs', '5')
}

function peakBytes(): number {
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024
}
