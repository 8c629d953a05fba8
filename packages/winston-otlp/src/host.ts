// This package, as the core is told about it.

import packageJson from '../package.json' with { type: 'json' }

export const PACKAGE: { readonly name: string; readonly version: string } = {
  name: packageJson.name,
  version: packageJson.version,
}
