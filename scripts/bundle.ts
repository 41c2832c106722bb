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
  metafile: true,
} as const

/** Some bundled packages are CommonJS and call `require` for Node's own modules, which an ES module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

export async function bundleApp(root: string): Promise<void> {
  const place = (file: string) => path.join(root, file)
  await Promise.all([
    bundle({
      entryPoints: [place('main/hosts/electron/main.ts')],
      outfile: place('dist/electron/main.js'),
      format: 'esm',
      external: ['electron'],
    }),
    bundle({
      entryPoints: [place('preload/preload.ts')],
      outfile: place('dist/preload/preload.cjs'),
      format: 'cjs', // a sandboxed preload is neither a module nor able to load a second file
      external: ['electron'],
      minify: true,
    }),
    bundle({
      entryPoints: [place('main/engine/engine-process.ts')],
      outfile: place('dist/engine/engine-process.mjs'),
      format: 'esm',
      external: NATIVE_PACKAGES,
      banner: { js: REQUIRE },
    }),
  ])
}

async function bundle(options: BuildOptions): Promise<void> {
  await build({ ...COMMON, ...options })
}
