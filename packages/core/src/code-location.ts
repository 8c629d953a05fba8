// Where a line was logged: texts such as `handler (/app/orders.js:10:5)` or `orders.js:10`, which pino-caller and its like
// write, become code.function.name, code.file.path, code.line.number and code.column.number (semantic conventions, code).

const CALLER =
  /^(?:at\s+)?(?:(?<name>.+?)\s+\()?(?:file:\/\/)?(?<file>[^()\n]*?[^()\n:\s]):(?<line>\d{1,9})(?::(?<column>\d{1,9}))?\)?$/

/** `undefined` when the value is not such a text. */
export function toCodeLocation(value: unknown): Record<string, string | number> | undefined {
  const groups = typeof value === 'string' ? CALLER.exec(value.trim())?.groups : undefined
  if (groups === undefined) return undefined
  const { name, file, line, column } = groups
  return {
    ...(name !== undefined && { 'code.function.name': name }),
    'code.file.path': file!,
    'code.line.number': Number(line),
    ...(column !== undefined && { 'code.column.number': Number(column) }),
  }
}
