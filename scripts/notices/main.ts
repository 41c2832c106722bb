/** `node scripts/notices/main.ts`: writes THIRD-PARTY-NOTICES.md from the packages that are shipped and their licence files. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ROOT } from '../bootstrap/root.mjs'
import { findShippedPackages, type ShippedPackage } from './shipped-packages.ts'

const HEAD = `# Third-party notices

Easel is under the MIT licence (LICENSE). The application holds the following work of others.
Made by \`node scripts/notices/main.ts\` from the installed packages; not edited by hand.
`

/** What is inside and no package of node_modules: the two programs and the art that the starter model learned from. */
const OTHERS = `## Electron, Chromium and Node.js

Electron is under the MIT licence (Copyright (c) Electron contributors, Copyright (c) 2013-2020 GitHub Inc.); it holds Chromium.
The packaged application has their licences as \`LICENSE.electron.txt\` and \`LICENSES.chromium.html\` beside its program.
Node.js, which runs the engine, is under the MIT licence (Copyright Node.js contributors) and holds further software; the
packaged application has its licences in \`resources/node\`.

## Fluent Emoji

The starter model was trained on pictures composed from Fluent Emoji, https://github.com/microsoft/fluentui-emoji.

MIT License. Copyright (c) Microsoft Corporation.

${mitTerms()}
`

const packages = await findShippedPackages(ROOT)
const byText = Map.groupBy(packages, licenceText)
const sections = [...byText].map(([text, group]) => toSection(group, text))
writeFileSync(path.join(ROOT, 'THIRD-PARTY-NOTICES.md'), [HEAD, OTHERS, ...sections].join('\n'))
process.stdout.write(`${packages.length} packages, ${byText.size} licence texts\n`)

/** Packages of one project often share one text, word for word. */
function toSection(group: ShippedPackage[], text: string): string {
  const names = group.map(({ name, version, licence }) => `- ${generalName(name)} ${version} (${licence})`)
  const title = generalName(group[0].name)
  return `## ${title}${group.length > 1 ? ' and others' : ''}\n\n${names.join('\n')}\n\n\`\`\`text\n${text}\n\`\`\`\n`
}

/** The prebuilt parts of sharp differ by platform in nothing but their name. */
function generalName(name: string): string {
  return name.replace(/-(linux|linuxmusl|darwin|win32)-(x64|arm64)$/, '-<platform>')
}

function licenceText({ name, folder, licence }: ShippedPackage): string {
  const file = readdirSync(folder).find(entry => /^(licen[cs]e|copying)/i.test(entry))
  if (file !== undefined) return readFileSync(path.join(folder, file), 'utf8').trim()
  const readme = path.join(folder, 'README.md')
  const section = existsSync(readme)
    ? /^#+ *licens(?:e|ing)[^\n]*\n([\s\S]+?)(?=\n#|$(?![\s\S]))/im.exec(readFileSync(readme, 'utf8'))
    : null
  return section?.[1].trim() ?? `${generalName(name)} comes without a licence file; its package.json says: ${licence}.`
}

function mitTerms(): string {
  const own = readFileSync(path.join(ROOT, 'LICENSE'), 'utf8')
  return own.slice(own.indexOf('Permission is hereby granted')).trim()
}
