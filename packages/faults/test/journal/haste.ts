// A clock in a hurry: what the journal does every few seconds, or minutes, it does at once. Preloaded into an app.

/** How long a journal waits before it tries a disk again that has failed. */
export const REPAIR_MILLIS = 5000
/** How often it looks for files that are too old. */
export const EXPIRY_MILLIS = 600_000

/** For `node --import`. @param millis waits of so long become waits of `to` */
export function hasten(millis: number, to = 300): string {
  return `data:text/javascript,${encodeURIComponent(`
    const real = globalThis.setTimeout
    globalThis.setTimeout = (run, millis, ...rest) => real(run, millis === ${millis} ? ${to} : millis, ...rest)`)}`
}
