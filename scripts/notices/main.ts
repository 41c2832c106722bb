/**
 * `node scripts/notices/main.ts`: writes THIRD-PARTY-NOTICES.md from the packages that are shipped and their licence files.
 * `--check` writes nothing and fails when the file does not name one of them in its version.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../bootstrap/root.mjs'
import { findShippedPackages, type ShippedPackage } from './shipped-packages.ts'

const HEAD = `# Third-party notices

Easel is under the MIT licence (LICENSE). The application holds the following work of others.
Made by \`node scripts/notices/main.ts\` from the installed packages; not edited by hand.
`

/** What is inside and no package of node_modules: the two programs, the art that the starter model learned from, and CLIP's words. */
const OTHERS = `## Electron, Chromium and Node.js

Electron is under the MIT licence (Copyright (c) Electron contributors, Copyright (c) 2013-2020 GitHub Inc.); it holds Chromium.
The packaged application has their licences as \`LICENSE.electron.txt\` and \`LICENSES.chromium.html\` beside its program.
Node.js, which runs the engine, is under the MIT licence (Copyright Node.js contributors) and holds further software; the
packaged application has its licences in \`resources/node\`.

## Fluent Emoji

The starter model was trained on pictures composed from Fluent Emoji, https://github.com/microsoft/fluentui-emoji.

MIT License. Copyright (c) Microsoft Corporation.

${mitTerms()}

## CLIP

The words of CLIP's tokenizer (models/clip-words) are those of https://github.com/openai/CLIP.

MIT License. Copyright (c) 2021 OpenAI. The terms are those above.
`

/** Packages without a licence file whose source files name the holder of the copyright; package.json names a person. */
const HOLDERS = new Map([
  ['onnxruntime-common', 'Microsoft Corporation'],
  ['onnxruntime-node', 'Microsoft Corporation'],
])

const NOTICES = path.join(ROOT, 'THIRD-PARTY-NOTICES.md')
// Vue and others have a development build, whose packages nobody ships.
process.env.NODE_ENV = 'production'
const packages = await findShippedPackages(ROOT)
if (process.argv.includes('--check')) {
  const notices = readFileSync(NOTICES, 'utf8')
  const missing = packages.map(toLine).filter(line => !notices.includes(line))
  for (const line of missing) process.stdout.write(`${line} is missing: run "node scripts/notices/main.ts"\n`)
  process.exitCode = missing.length === 0 ? 0 : 1
} else {
  const byText = Map.groupBy(packages, licenceText)
  writeFileSync(NOTICES, [HEAD, OTHERS, ...[...byText].map(([text, group]) => toSection(group, text))].join('\n'))
}
process.stdout.write(`${packages.length} packages\n`)

/** Packages of one project often share one text, word for word. */
function toSection(group: ShippedPackage[], text: string): string {
  const title = generalName(group[0].name)
  return `## ${title}${group.length > 1 ? ' and others' : ''}\n\n${group.map(toLine).join('\n')}\n\n\`\`\`text\n${text}\n\`\`\`\n`
}

function toLine({ name, version, licence }: ShippedPackage): string {
  return `- ${generalName(name)} ${version} (${licence})`
}

/** The prebuilt parts of sharp differ by platform in nothing but their name. */
function generalName(name: string): string {
  return name.replace(/-(linux|linuxmusl|darwin|win32)-(x64|arm64)$/, '-<platform>')
}

function licenceText({ name, folder, licence, author }: ShippedPackage): string {
  const file = readdirSync(folder).find(entry => /^(licen[cs]e|copying)/i.test(entry))
  if (file !== undefined) return readFileSync(path.join(folder, file), 'utf8').trim()
  if (licence === 'MIT') return `MIT License. Copyright (c) ${HOLDERS.get(name) ?? author}\n\n${mitTerms()}`
  const readme = readFileSync(path.join(folder, 'README.md'), 'utf8')
  const section = /^#+ *licens(?:e|ing)[^\n]*\n([\s\S]+?)(?=\n#|$(?![\s\S]))/im.exec(readme)
  if (section === null) throw new Error(`${folder} has no licence text`)
  return section[1].trim()
}

function mitTerms(): string {
  const own = readFileSync(path.join(ROOT, 'LICENSE'), 'utf8')
  return own.slice(own.indexOf('Permission is hereby granted')).trim()
}
