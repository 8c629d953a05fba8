// Texts as they were before formats made them nice for a terminal.

import { stripVTControlCharacters } from 'node:util'

/** Without the colours of colorize(). */
export function withoutColors(text: string): string {
  return text.includes('\u001b') ? stripVTControlCharacters(text) : text
}

/** The message: without colours, and without the padding of cli(), padLevels() and align(). */
export function withoutDecoration(text: string, logged: string | undefined): string {
  const plain = withoutColors(text)
  return logged !== undefined && plain !== logged && plain.trim() === logged.trim() ? logged : plain
}

/** What logstash() moves out of the entry, into the formatted text. */
export function fromLogstash(text: unknown): { message?: unknown; timestamp?: unknown } {
  if (typeof text !== 'string' || !text.includes('"@fields"')) return {}
  try {
    const { '@message': message, '@timestamp': timestamp } = JSON.parse(text) as Record<string, unknown>
    return { message, timestamp }
  } catch {
    return {}
  }
}

/** What the format wrote, where that is a JSON object. */
export function jsonLine(text: unknown): string | undefined {
  if (typeof text !== 'string' || !text.trimStart().startsWith('{')) return undefined
  try {
    JSON.parse(text)
    return text
  } catch {
    return undefined
  }
}
