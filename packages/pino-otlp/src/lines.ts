// Chunks of text or bytes -> lines. pino writes whole lines, its worker whole chunks of them, a pipe anything: a line may
// come in parts, a chunk may end within a character, and the last line may have no end.
// Empty lines are no lines. "\r\n" ends a line, too.

import { StringDecoder } from 'node:string_decoder'

/** Longer lines than this are no log lines; without a bound, a missing line feed would fill the memory. */
const MAX_LINE_CHARS = 64 * 1024 * 1024

export class Lines {
  #rest = ''
  #tooLong = false
  #decoder: StringDecoder | undefined
  readonly #take: (line: string) => void
  readonly #refuse: () => void

  /** @param refuse told of each line that is too long to be one */
  constructor(take: (line: string) => void, refuse: () => void) {
    this.#take = take
    this.#refuse = refuse
  }

  push(chunk: unknown): void {
    let text: string
    if (typeof chunk === 'string') text = chunk
    else if (chunk instanceof Uint8Array)
      text = (this.#decoder ??= new StringDecoder('utf8')).write(
        Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength),
      )
    else text = String(chunk)
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#end(text.slice(start, end))
      start = end + 1
    }
    if (start === text.length) return
    this.#rest += text.slice(start)
    if (this.#rest.length <= MAX_LINE_CHARS) return
    this.#rest = ''
    this.#tooLong = true
  }

  /** The input has ended: what is there is the last line. */
  end(): void {
    this.push(this.#decoder?.end() ?? '')
    if (this.#rest !== '' || this.#tooLong) this.#end('')
  }

  #end(part: string): void {
    const line = this.#rest === '' ? part : this.#rest + part
    this.#rest = ''
    if (this.#tooLong) {
      this.#tooLong = false
      return this.#refuse()
    }
    if (line !== '' && line !== '\r') this.#take(line)
  }
}

const LINE_FEED = 0x0a

/** Whether a text's last line has its end. Without `endsWith`, which is a call of its own for each line. */
export function isWhole(text: string): boolean {
  return text.charCodeAt(text.length - 1) === LINE_FEED
}

/** How many lines `Lines` would see in a text that is made of whole lines. */
export function countLines(text: string): number {
  let end = text.indexOf('\n')
  // Nearly always: one line, and its end.
  if (end === text.length - 1 && end > 1) return 1
  let count = 0
  let start = 0
  for (; end !== -1; end = text.indexOf('\n', start)) {
    if (isLine(text, start, end)) count++
    start = end + 1
  }
  return isLine(text, start, text.length) ? count + 1 : count
}

function isLine(text: string, start: number, end: number): boolean {
  return end > start && !(end === start + 1 && text[start] === '\r')
}
