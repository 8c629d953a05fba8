// What becomes of the arguments behind the message: winston puts the fields of the first into the entry, the splat()
// format puts more of them there or into the text, and what is left is nowhere on stdout.
// A field that was in the entry and is not any more was taken out by a format, and does not come back from here.

import { type Info, isMeta, SPLAT } from './info.ts'
import type { Stamp } from './stamp.ts'

/** The arguments that no format has put into the text or the entry. */
export function leftArguments({ splat, text, merged }: Stamp, info: Info, message: string): readonly unknown[] {
  const live = info[SPLAT]
  if (splat === undefined || splat.length === 0 || !Array.isArray(live)) return []
  const placeholders = text === undefined ? 0 : placeholdersIn(text)
  const isFormatted = placeholders > 0 && !message.includes(text!)
  const used = isFormatted ? placeholders : merged ? 1 : 0
  const rest = splat.slice(used, live.length)
  // splat() takes what it puts into the entry out of the array; of a number or a flag it can put nothing there.
  const taken = splat.slice(Math.max(used, live.length)).filter((value) => !isMeta(value))
  return [...rest, ...taken].filter((value) => value !== undefined)
}

const NINE = '9'.charCodeAt(0)

/** Whether a field is a letter of a text, or a part of a list, that was spread over the entry. */
export function isSpread(splat: readonly unknown[], key: string, value: unknown): boolean {
  // Nearly all keys begin with a letter.
  if (key.charCodeAt(0) > NINE || !/^\d+$/.test(key)) return false
  return splat.some((argument) => {
    const spreads = typeof argument === 'string' || Array.isArray(argument) || ArrayBuffer.isView(argument)
    return spreads && (argument as ArrayLike<unknown>)[Number(key)] === value
  })
}

/** As winston counts them. */
function placeholdersIn(text: string): number {
  const tokens = text.match(/%[scdjifoO%]/g)?.length ?? 0
  return tokens === 0 ? 0 : tokens - (text.match(/%%/g)?.length ?? 0)
}
