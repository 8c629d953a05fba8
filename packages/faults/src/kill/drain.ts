// What a process does that only delivers what others have left: it opens the journal of each tenant, waits until nothing
// is left, and ends. Source text for logging-app.ts, in the mode otlpStream.

/** @param tenants beside that of the app's own transport */
export function drainSource(directory: string, options: object, tenants: readonly string[]): string {
  return `
    const { readdirSync } = await import('node:fs')
    const transports = [transport, ...${JSON.stringify(tenants)}.map((tenant) => otlpStream({
      ...${JSON.stringify(options)}, journal: { directory: ${JSON.stringify(directory)}, tenant } }))]
    const isEmpty = () => {
      const names = readdirSync(${JSON.stringify(directory)}, { recursive: true, encoding: 'utf8' })
      return !names.some((name) => name.endsWith('.seg') && !name.includes('/dead/'))
    }
    // Twice, as a folder may be renamed while it is read.
    for (let times = 0; times < 2; ) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      times = isEmpty() ? times + 1 : 0
    }
    await Promise.all(transports.map((each) => each.close()))
    say('drained')`
}
