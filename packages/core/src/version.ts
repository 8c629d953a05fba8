// This package's own name and version, for telemetry.sdk.* and User-Agent. The build puts the two texts in place of the
// import, so that nothing is read at run time and bundlers need no package.json.

import packageJson from '../package.json' with { type: 'json' }

export const NAME: string = packageJson.name
export const VERSION: string = packageJson.version
