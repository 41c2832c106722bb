/**
 * Bundles what cannot run as it is: Electron's main process and the preload (Electron strips no types), and the engine's
 * entry for the packaged app (no sources inside). The CLI, the server and the engine of a checkout need no bundle.
 */
import path from 'node:path'
import { build, type BuildOptions } from 'esbuild'

/** Packages with native files; they stay packages, and only the engine may ask for them. */
export const NATIVE_PACKAGES = ['onnxruntime-node', 'sharp']

const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  legalComments: 'none',
  logLevel: 'warning',
} as const

/** Some bundled packages are CommonJS and call `require` for Node's own modules, which an ES module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

/** Options by the checkout's folder. */
export const BUNDLES: ((root: string) => BuildOptions)[] = [
  root => ({
    ...COMMON,
    entryPoints: [path.join(root, 'main/hosts/electron/main.ts')],
    outfile: path.join(root, 'dist/electron/main.js'),
    format: 'esm',
    external: ['electron'],
  }),
  root => ({
    ...COMMON,
    entryPoints: [path.join(root, 'preload/preload.ts')],
    outfile: path.join(root, 'dist/preload/preload.cjs'),
    format: 'cjs', // a sandboxed preload is neither a module nor able to load a second file
    external: ['electron'],
    minify: true,
  }),
  root => ({
    ...COMMON,
    entryPoints: [path.join(root, 'main/engine/engine-process.ts')],
    outfile: path.join(root, 'dist/engine/engine-process.mjs'),
    format: 'esm',
    external: NATIVE_PACKAGES,
    banner: { js: REQUIRE },
  }),
]

export async function bundleApp(root: string): Promise<void> {
  await Promise.all(BUNDLES.map(options => build(options(root))))
}
