/**
 * The packages whose code is in the packaged app: those that the bundlers really put into the bundles and the page (not
 * everything that is installed), and those that the engine takes along as packages.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { build as buildBundle } from 'esbuild'
import { build as buildPage } from 'vite'
import { z } from 'zod'
import { BUNDLES, NATIVE_PACKAGES } from '../bundle.ts'

export interface ShippedPackage {
  name: string
  version: string
  licence: string
  author: string
  folder: string
}

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  author: z.union([z.string(), z.object({ name: z.string() })]).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})

/** Dependencies of shipped packages that only their install scripts use. */
const NOT_SHIPPED = new Set(['adm-zip', 'global-agent'])
const MODULES = `node_modules${path.sep}`

/** Sorted by name. */
export async function findShippedPackages(root: string): Promise<ShippedPackage[]> {
  const bundled = [...(await filesOfBundles(root)), ...(await filesOfPage(root))]
  const folders = new Set(bundled.flatMap(file => packageFolderOf(path.resolve(root, file))))
  for (const name of NATIVE_PACKAGES) addWithDependencies(path.join(root, 'node_modules', name), root, folders)
  return [...folders].map(readPackage).sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function filesOfBundles(root: string): Promise<string[]> {
  const results = await Promise.all(
    BUNDLES.map(options => buildBundle({ ...options(root), write: false, metafile: true })),
  )
  return results.flatMap(({ metafile }) =>
    Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    ),
  )
}

async function filesOfPage(root: string): Promise<string[]> {
  const built = await buildPage({
    root: path.join(root, 'renderer'),
    configFile: path.join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { write: false },
  })
  const outputs = (Array.isArray(built) ? built : [built]).flatMap(result => ('output' in result ? result.output : []))
  return outputs
    .flatMap(chunk => (chunk.type === 'chunk' ? chunk.moduleIds : []))
    .map(id => id.replace(/^\0|\?.*$/g, ''))
}

/** The folder of the package that a file belongs to; empty for our own files. */
function packageFolderOf(file: string): string[] {
  const at = file.lastIndexOf(MODULES)
  if (at < 0) return []
  const [scope, name] = file.slice(at + MODULES.length).split(path.sep)
  const folder = path.join(file.slice(0, at + MODULES.length), scope, scope.startsWith('@') ? name : '')
  return existsSync(path.join(folder, 'package.json')) ? [folder] : []
}

function addWithDependencies(folder: string, root: string, found: Set<string>): void {
  if (found.has(folder) || !existsSync(folder)) return // an optional package for another platform
  found.add(folder)
  const { dependencies, optionalDependencies } = readJson(folder)
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (!NOT_SHIPPED.has(name)) addWithDependencies(path.join(root, 'node_modules', name), root, found)
  }
}

function readPackage(folder: string): ShippedPackage {
  const { name, version, license = 'see its text', author = `the ${name} authors` } = readJson(folder)
  return { name, version, licence: license, author: typeof author === 'string' ? author : author.name, folder }
}

function readJson(folder: string) {
  return packageSchema.parse(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')))
}
