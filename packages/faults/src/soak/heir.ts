// Who delivers what is left in a journal when its app is gone: another process, with a receiver that is well.

import { join } from 'node:path'
import { loggingApp, startApp } from '@otlp-logs/test-support'
import { drainSource } from '../kill/drain.ts'
import type { Endpoint } from './endpoint.ts'

const FOLDER = join(import.meta.dirname, '../..')
const DRAIN_MILLIS = 60_000

/** Gives what is wrong with it. */
export async function inherit(endpoint: Endpoint, directory: string): Promise<string[]> {
  await endpoint.heal()
  const options = { endpoint: endpoint.url, scheduledDelayMillis: 1, journal: { directory } }
  const heir = startApp(loggingApp({ mode: 'otlpStream', options, source: drainSource(directory, {}, []) }), {
    resolveFrom: FOLDER,
    timeoutMillis: DRAIN_MILLIS,
  })
  const kill = (): void => heir.kill('SIGKILL')
  process.once('exit', kill)
  try {
    const { code, stderr } = await heir.done
    return code === 0 && stderr === '' ? [] : [`the heir ended with ${code}: ${stderr}`]
  } catch (error) {
    return [`the heir did not end: ${(error as Error).message.split('\n', 1)[0]}`]
  } finally {
    process.off('exit', kill)
  }
}
