// What must not get into the repository: three searches through it, each giving what it found. check.mjs calls them.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'

/** What git tracks, and what it would with the next `git add .`: found before it is committed. */
function listFiles(root) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean)
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return '' // deleted, but not yet in git
    throw error
  }
}

/** Lines of the lockfile that bind it to one registry or mirror. */
export function lockfileAddresses(root) {
  const lines = readText(join(root, 'pnpm-lock.yaml')).split('\n')
  return lines.filter((line) => /\btarball:|\bregistry:|\bresolution:.*https?:/.test(line))
}

/** Files that only make sense on the machine where they were written. */
export function machinePaths(root) {
  // Folders of one level (/app, /root) are too common as words to be searched for as such.
  const own = [root, homedir()].filter((path) => path.split(/[\\/]/).filter(Boolean).length > 1)
  const homes = /\/(?:home|Users)\/[\w.-]+\/|\/root\/|[A-Z]:\\Users\\/
  const isOurs = (line) => homes.test(line) || own.some((path) => line.includes(path))
  return listFiles(root).flatMap((file) => {
    if (basename(file) === '.npmrc') return [file]
    const lines = readText(join(root, file)).split('\n')
    return lines.flatMap((line, index) => (isOurs(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 160)}`] : []))
  })
}

/** Tracked files that a command writes. */
export function generatedFiles(root) {
  const generated = /(?:^|\/)(?:node_modules|dist|coverage|\.toolchain)\/|\.(?:tgz|tsbuildinfo)$/
  return listFiles(root).filter((file) => generated.test(file))
}
