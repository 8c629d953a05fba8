import { rmSync } from 'node:fs'

/** Removes what setup.ts packed. */
export default function removePacked(): void {
  const folder = process.env['PACKED_FOLDER']
  if (folder) rmSync(folder, { recursive: true, force: true })
}
