/**
 * `npm run package`: bundles, draws the icons, lets electron-builder build this system's installers, and checks what is
 * inside. `-- --dir` stops at the unpacked app. Without Electron's binary `--dir` goes as far with a stand-in for it,
 * which proves the contents and starts nothing; installers are then refused. `--stand-in` takes it without asking the
 * network, `--output FOLDER` replaces out/.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'electron-builder'
import { ROOT } from './bootstrap/root.mjs'
import { bundleApp } from './bundle.ts'
import { downloadElectron, findElectron, type FoundElectron } from './machine/electron-binary.ts'
import { findContentProblems } from './package/contents.ts'
import { drawIcons } from './package/icons.ts'
import { makeStandInElectron } from './package/stand-in-electron.ts'

const values = readFlags()
const output = path.resolve(values.output)
const problem = await makePackage()
if (problem !== null) process.stderr.write(`easel: ${problem}\n`)
// Said outright: a hook of electron-builder ends a process that just runs out with 0, whatever exitCode says.
process.exit(problem === null ? 0 : 1)

function readFlags() {
  try {
    return parseArgs({
      options: {
        dir: { type: 'boolean', default: false },
        'stand-in': { type: 'boolean', default: false },
        output: { type: 'string', default: path.join(ROOT, 'out') },
      },
    }).values
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('.')[0] : String(error)
    process.stderr.write(`easel: ${reason}. The flags are --dir, --stand-in and --output FOLDER.\n`)
    process.exit(2)
  }
}

/** null, or the sentence about what went wrong. */
async function makePackage(): Promise<string | null> {
  const electron = await getElectron()
  if (electron.path === null && !values.dir) {
    return `${electron.reason}. Installers need it; "npm run package -- --dir" shows what would be inside without it.`
  }
  if (electron.path === null) process.stdout.write(`${electron.reason}: packing around a stand-in.\n`)
  await bundleApp(ROOT)
  await drawIcons(path.join(ROOT, 'main/hosts/electron/icons/icon.svg'), path.join(ROOT, 'dist/icons'))
  await build({
    projectDir: ROOT,
    dir: values.dir,
    publish: 'never',
    config: {
      extends: path.join(ROOT, 'electron-builder.yml'),
      directories: { output, buildResources: 'dist/icons' },
      electronDist: electron.path === null ? makeStandIn() : path.join(ROOT, 'node_modules/electron/dist'),
    },
  })
  const resources = findResources()
  const problems = findContentProblems(resources, { platform: process.platform, arch: process.arch })
  if (problems.length > 0) return `the packaged app is not as it should be:\n  ${problems.join('\n  ')}`
  process.stdout.write(`${path.relative(ROOT, resources)}: everything needed is inside, and nothing else.\n`)
  return null
}

async function getElectron(): Promise<FoundElectron> {
  if (values['stand-in']) return { path: null, reason: 'A stand-in for Electron was asked for' }
  const found = findElectron(ROOT)
  return found.path === null ? downloadElectron(ROOT) : found
}

function makeStandIn(): string {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'node_modules/electron/package.json'), 'utf8')) as {
    version: string
  }
  const folder = path.join(ROOT, 'dist/stand-in-electron')
  makeStandInElectron(folder, version)
  return folder
}

/** out/linux-unpacked/resources, or the one inside the .app bundle. */
function findResources(): string {
  const found = readdirSync(output, { recursive: true, withFileTypes: true }).find(entry => entry.name === 'app.asar')
  if (found === undefined) throw new Error(`${output} has no app.asar`)
  return found.parentPath
}
