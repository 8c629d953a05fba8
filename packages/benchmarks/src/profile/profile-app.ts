// Runs one contender at full speed, with options of Node's that write a profile when it ends.

import { withActor } from '../app/stage.ts'
import type { Contender } from '../contenders.ts'

const LINES = 500_000
const WARM = { perSecond: 50_000, millis: 1000 }

export async function profileApp(
  contenders: readonly Contender[],
  execArgv: readonly string[],
  name: string,
): Promise<void> {
  const contender = contenders.find((each) => each.name === name)!
  await withActor(contender, { warm: WARM, execArgv }, async ({ app }) => {
    const { delivered, lost } = await app.measure({ do: 'flood', count: LINES })
    process.stdout.write(`${name}: ${delivered} lines delivered, ${lost} lost\n`)
    await app.exit()
  })
}
