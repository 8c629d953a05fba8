// This package, as the core is told about it.

import type { Settings } from 'otlp-logs-core'
import packageJson from '../package.json' with { type: 'json' }

export const PACKAGE: { readonly name: string; readonly version: string } = {
  name: packageJson.name,
  version: packageJson.version,
}

/** Under which a line that is written anew has its message. The logger's own key comes too late to be known here. */
export function messageKeyOf({ keys }: Settings): string {
  return keys.message ?? 'msg'
}
