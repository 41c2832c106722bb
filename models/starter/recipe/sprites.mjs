// Draws the icons of a word list as square PNG sprites and writes down which art each one is and under which licence.
// node sprites.mjs WORDS.json OUT PIXELS STYLE=PACKAGE ...   The icon packages are resolved from the working folder.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'

const [, , list, out, pixels, ...styles] = process.argv
const from = createRequire(path.join(process.cwd(), 'package.json'))
const here = createRequire(import.meta.url)
const sharp = here('sharp')
const words = JSON.parse(fs.readFileSync(list, 'utf8'))
const licences = []
const missing = []

/** The drawing of a slug, following the alias that some icon sets use. */
function iconOf(set, slug) {
  return set.icons[slug] ?? set.icons[set.aliases?.[slug]?.parent ?? '']
}

for (const style of styles) {
  const [name, packageName] = style.split('=')
  const set = from(`${packageName}/icons.json`)
  const info = from(`${packageName}/info.json`)
  const version = from(`${packageName}/package.json`).version
  fs.mkdirSync(path.join(out, name), { recursive: true })
  for (const [word, slug] of Object.entries(words)) {
    const icon = iconOf(set, slug)
    if (icon === undefined) {
      missing.push(`${name}:${slug}`)
      continue
    }
    const width = icon.width ?? set.width ?? 32
    const height = icon.height ?? set.height ?? 32
    const box = `viewBox="0 0 ${width} ${height}" width="${pixels * 2}" height="${pixels * 2}"`
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${box}>${icon.body}</svg>`
    const file = `${name}/${word.replaceAll(' ', '_')}.png`
    await sharp(Buffer.from(svg)).resize(Number(pixels), Number(pixels)).png().toFile(path.join(out, file))
    licences.push({ file, word, icon: slug, package: packageName, version, author: info.author.name, licence: info.license.spdx })
  }
}
fs.writeFileSync(path.join(out, 'licences.json'), JSON.stringify(licences, null, 1))
process.stdout.write(`${licences.length} sprites; missing: ${missing.join(' ') || 'none'}\n`)
