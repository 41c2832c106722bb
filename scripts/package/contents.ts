/**
 * What must be inside a packaged app and what must not: checked on the unpacked folder after every build, so that a
 * pattern in electron-builder.yml that lets too much or too little through is seen here and not by a user.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { listAsar } from './asar-list.ts'

export interface Target {
  platform: NodeJS.Platform
  arch: string
}

/** Inside app.asar. */
const REQUIRED_IN_ARCHIVE = [
  'package.json',
  'dist/electron/main.js',
  'dist/preload/preload.cjs',
  'dist/page/index.html',
  'dist/engine/engine-process.mjs',
]

/** No sources, no tests, nothing of the workshop. */
const FORBIDDEN: { pattern: RegExp; what: string }[] = [
  { pattern: /\.(ts|mts|cts|tsx|vue)$/, what: 'a source' },
  { pattern: /\.map$/, what: 'a source map' },
  { pattern: /^(contract|main|preload|renderer|scripts|test|models)\//, what: 'a folder of the checkout' },
  { pattern: /(^|\/)(__tests__|tests?|fixtures)\//, what: 'a test' },
  { pattern: /\.(test|spec)\./, what: 'a test' },
  { pattern: /(^|\/)\./, what: 'a hidden file of the workshop' },
]

/** How the starter model was made belongs to the checkout, not to the app. */
const WORKSHOP = 'models/starter/recipe/'

/** Packages that the engine asks for; every other one is bundled. */
const ALLOWED_PACKAGES = /^node_modules\/(onnxruntime-(node|common)|sharp|@img\/[^/]+|detect-libc|semver)\//
const NATIVE_FILE = /\.(node|dll|so(\.[\d.]+)?|dylib)$/

/** Sentences about what is wrong with the resources folder of a packaged app; none when it is right. */
export function findContentProblems(resources: string, target: Target): string[] {
  const archive = path.join(resources, 'app.asar')
  if (!existsSync(archive)) return [`${archive} is missing.`]
  const inside = listAsar(archive).map(file => file.split(path.sep).join('/'))
  const unpacked = listFolder(path.join(resources, 'app.asar.unpacked'))
  const beside = listFolder(resources)
  return [
    ...missingFrom(inside, REQUIRED_IN_ARCHIVE, 'app.asar'),
    ...missingFrom(unpacked, requiredUnpacked(target), 'app.asar.unpacked'),
    ...missingFrom(beside, requiredResources(target), 'the resources'),
    ...beside.filter(file => file.startsWith(WORKSHOP)).map(file => `${file} is a file of the workshop.`),
    ...inside.flatMap(file => judge(file, target)),
    ...judgeNode(resources, target),
  ]
}

function requiredUnpacked({ platform, arch }: Target): string[] {
  return [
    'dist/engine/engine-process.mjs',
    'node_modules/onnxruntime-common/package.json',
    `node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/onnxruntime_binding.node`,
    'node_modules/sharp/package.json',
    `node_modules/@img/sharp-${platform}-${arch}/package.json`,
  ]
}

function requiredResources({ platform }: Target): string[] {
  return [
    platform === 'win32' ? 'node/node.exe' : 'node/node',
    'models/starter/model_index.json',
    'models/starter/unet/model.onnx',
    'models/starter-few/unet/model.onnx',
    'models/starter-x2/model.onnx',
    'models/clip-words/merges.txt',
    'LICENSE.txt',
    'THIRD-PARTY-NOTICES.md',
  ]
}

function judge(file: string, target: Target): string[] {
  const isPackage = file.startsWith('node_modules/')
  const forbidden = FORBIDDEN.find(({ pattern }) => pattern.test(file))
  if (forbidden !== undefined) return [`${file} is ${forbidden.what}.`]
  if (isPackage && !ALLOWED_PACKAGES.test(file)) return [`${file} belongs to a package that nothing asks for.`]
  if (NATIVE_FILE.test(file) && !isFor(file, target)) return [`${file} is for another platform.`]
  return []
}

/** Native packages carry platform and architecture in a folder's name. */
function isFor(file: string, { platform, arch }: Target): boolean {
  return file.includes(`/${platform}/${arch}/`) || new RegExp(`/sharp-(libvips-)?${platform}-${arch}/`).test(file)
}

/** A script or a stub in the place of the engine's Node would be noticed only on the user's machine. */
function judgeNode(resources: string, { platform }: Target): string[] {
  const file = path.join(resources, 'node', platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(file) || statSync(file).size > 20_000_000) return []
  return [`${file} is too small to be Node.`]
}

function missingFrom(files: string[], required: string[], place: string): string[] {
  const present = new Set(files)
  return required.filter(file => !present.has(file)).map(file => `${file} is missing from ${place}.`)
}

function listFolder(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
}
