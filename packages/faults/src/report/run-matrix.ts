// Runs the tests of the fault matrix, all of them and in full length, and collects what they measure.

import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempFolder } from '@otlp-logs/test-support'
import type { Figure } from '../figures.ts'

/** @throws Error when a test fails: figures of a promise that does not hold are worth nothing */
export async function runMatrix(root: string): Promise<Figure[]> {
  const folder = makeTempFolder()
  const file = join(folder.path, 'figures.jsonl')
  try {
    await jest(root, { FAULTS_FULL: '1', FAULTS_FIGURES: file })
    if (!existsSync(file)) return []
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter(Boolean).map((line) => JSON.parse(line) as Figure)
  } finally {
    folder.remove()
  }
}

function jest(root: string, env: Record<string, string>): Promise<void> {
  const script = join(root, 'node_modules/jest/bin/jest.js')
  // One file at a time, so that none disturbs another's figures.
  const args = ['--selectProjects', 'faults', '--runInBand', '--testPathPatterns', 'packages/faults/test/\\w+/']
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, script, ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: 'inherit',
    })
    const kill = (): void => void child.kill()
    process.once('exit', kill)
    child.once('error', reject)
    child.once('close', (code) => {
      process.off('exit', kill)
      if (code === 0) resolve()
      else reject(new Error('A test of the fault matrix fails: nothing is written'))
    })
  })
}
