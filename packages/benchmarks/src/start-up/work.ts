// How long packages take to load in a fresh process, the logger being there already: `require NAME...` or `import NAME...`,
// the first name being the logger's. Prints milliseconds.

import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const [how, logger, ...names] = process.argv.slice(2) as [string, string, ...string[]]
const load = async (name: string): Promise<unknown> => (how === 'require' ? require(name) : import(name))

const startedAt = performance.now()
await load(logger)
const loggerAt = performance.now()
for (const name of names) await load(name)
const endedAt = performance.now()
process.stdout.write(JSON.stringify({ loggerMillis: loggerAt - startedAt, addedMillis: endedAt - loggerAt }))
