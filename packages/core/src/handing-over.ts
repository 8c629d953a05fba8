// Whether an OpenTelemetry SDK is being given a record right now. What it logs then, by its own diagnostics or a processor,
// would bring a record for each record, for ever. Some loggers hand entries on later; they ask when an entry is made.

let isUnderWay = false

export function isHandingOver(): boolean {
  return isUnderWay
}

/** Runs `act` as the SDK's own doing, or as an echo of it. */
export function handingOver(act: () => void): void {
  const outer = isUnderWay
  isUnderWay = true
  try {
    act()
  } finally {
    isUnderWay = outer
  }
}
