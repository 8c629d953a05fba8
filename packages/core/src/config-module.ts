// The module at `configModule`: options that cannot be sent to a worker, such as functions, as its default export.
// - A path, relative to the working directory, a file URL, or the name of a package that the app can load.
// - Loaded at once where options are settled on the app's thread; a worker can await, and so a top-level await, too.
// - Whatever is wrong with it is a TypeError that says what, where and what to do; who may not throw, says that.

import { createRequire } from 'node:module'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isModuleNamespaceObject } from 'node:util/types'
import { hidden, isRecord, shown, shownText, wrong } from './check.ts'

/** What a module gave, not checked yet. */
export interface LoadedModule {
  readonly path: string
  readonly options: Readonly<Record<string, unknown>>
}

/** Beyond this, the message of a module that throws is cut. */
const MAX_CAUSE_CHARS = 300
/** The first that strip types without a flag. */
const READS_TYPESCRIPT = 'Node 22.18 and 24 can load TypeScript as far as its types can be stripped'

/** The absolute path of the module. @throws TypeError when there is none */
export function locateConfigModule(name: unknown): string {
  if (typeof name !== 'string' || name === '') throw wrong('configModule', EXPECTED, shown(name))
  const path = name.startsWith('file:') ? pathOfUrl(name) : resolve(name)
  const require = requireOfApp()
  const isBare = !name.startsWith('file:') && !isAbsolute(name) && !/^\.{1,2}[/\\]/.test(name)
  for (const candidate of isBare ? [path, name] : [path]) {
    try {
      return require.resolve(candidate)
    } catch (error) {
      // A package that is there, but cannot be loaded like this, has an error of its own.
      if (codeOf(error) !== 'MODULE_NOT_FOUND') throw broken(name, error)
    }
  }
  const where = isBare ? `there is no file ${shownText(path)} and no such package` : `no file ${shownText(path)}`
  throw wrong('configModule', EXPECTED, `\`${shownText(name)}\`: ${where}`)
}

/** Loads it at once. @throws TypeError, also for a module with a top-level await */
export function loadConfigModule(name: unknown): LoadedModule {
  const path = locateConfigModule(name)
  let loaded: unknown
  try {
    loaded = requireOfApp()(path)
  } catch (error) {
    if (codeOf(error) !== 'ERR_REQUIRE_ASYNC_MODULE') throw broken(path, error)
    throw new TypeError(
      `\`configModule\` ${path} has a top-level await, and is to be loaded at once here: await in \`headers()\`, or ship from a worker`,
      { cause: error },
    )
  }
  // An ES module's namespace, or what a compiler made of one. Any other CommonJS module is its own default.
  return settled(
    path,
    isRecordLike(loaded) && (hasMark(loaded) || isModuleNamespaceObject(loaded)) ? loaded['default'] : loaded,
  )
}

/** Loads it, and waits for it. Rejects with a TypeError. */
export async function importConfigModule(name: unknown): Promise<LoadedModule> {
  const path = locateConfigModule(name)
  let loaded: { default?: unknown }
  try {
    loaded = (await import(pathToFileURL(path).href)) as typeof loaded
  } catch (error) {
    throw broken(path, error)
  }
  const given = loaded.default
  return settled(path, isRecordLike(given) && hasMark(given) ? given['default'] : given)
}

const EXPECTED = 'the path (relative to the working directory), file URL or package name of a module'

function settled(path: string, given: unknown): LoadedModule {
  const isPromise = typeof (given as { then?: unknown } | null | undefined)?.then === 'function'
  const got = isPromise ? 'a promise, which the module is to await' : hidden(given)
  if (isPromise || !isRecord(given)) throw wrong(`the default export of ${path}`, 'an object of options', got)
  if ('configModule' in given) throw wrong(`configModule in ${path}`, 'left out', shown(given['configModule']))
  return { path, options: given }
}

/** As the app would load it: the transport may lie elsewhere, or in a bundle. */
function requireOfApp(): NodeJS.Require {
  return createRequire(join(process.cwd(), 'app.js'))
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url)
  } catch {
    throw wrong('configModule', EXPECTED, shown(url))
  }
}

function broken(where: string, cause: unknown): TypeError {
  const message = cause instanceof Error ? cause.message : String(cause)
  const isTypeScript = /\.[cm]?ts$/.test(where)
  const hint = isTypeScript ? ` (${READS_TYPESCRIPT})` : ''
  const said = message.replace(/[\p{Cc}\s]+/gu, ' ').trim()
  const short = said.length > MAX_CAUSE_CHARS ? `${said.slice(0, MAX_CAUSE_CHARS)}...` : said
  return new TypeError(`\`configModule\` ${where} could not be loaded: ${short}${hint}`, { cause })
}

function hasMark(value: Record<string, unknown>): boolean {
  return value['__esModule'] === true
}

function isRecordLike(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code
}
