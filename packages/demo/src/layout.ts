// Columns of text, whose width is counted without the codes for colours.

import { stripVTControlCharacters } from 'node:util'

const WIDTH = 100

const widthOf = (text: string): number => stripVTControlCharacters(text).length

/** As many parts to a row as fit beside a label of `labelWidth`. A part that is too wide alone is cut. */
export function wrap(parts: string[], gap: string, labelWidth: number): string[] {
  const width = WIDTH - labelWidth
  const rows: string[] = []
  for (const part of parts) {
    const row = rows.at(-1)
    const fitting = widthOf(part) <= width ? part : `${stripVTControlCharacters(part).slice(0, width - 3)}...`
    if (row !== undefined && widthOf(row) + gap.length + widthOf(part) <= width)
      rows[rows.length - 1] = row + gap + part
    else rows.push(fitting)
  }
  return rows
}

/** The label before the first row, and its width of blanks before the others. */
export function hang(label: string, rows: string[]): string[] {
  const blanks = ' '.repeat(widthOf(label))
  return rows.map((row, index) => (index === 0 ? label : blanks) + row)
}
