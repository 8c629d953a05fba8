// A program bundled by esbuild, and run where there is no node_modules.

import { type AppResult, makeTempFolder, runApp } from '@otlp-logs/test-support'
import { build } from 'esbuild'

// The loggers are CommonJS: an ES module needs somebody to give it its `require`.
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`

/** @param folder the app whose packages are bundled */
export async function runBundle(
  contents: string,
  folder: string,
  format: 'esm' | 'cjs',
  endpoint: string,
): Promise<AppResult> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    platform: 'node',
    format,
    banner: format === 'esm' ? { js: REQUIRE } : {},
    write: false,
    logLevel: 'error',
  })
  const elsewhere = makeTempFolder()
  try {
    const extension = format === 'esm' ? 'mjs' : 'cjs'
    return await runApp(outputFiles[0]?.text ?? '', { resolveFrom: elsewhere.path, extension, args: [endpoint] })
  } finally {
    elsewhere.remove()
  }
}
