/**
 * `node scripts/sheet.ts`: the README's sheet of pictures. Each is made by the command line as a user would, one seed for
 * all and none chosen, and stands above its prompt.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import sharp, { type OverlayOptions } from 'sharp'
import { ROOT } from './bootstrap/root.mjs'

const SEED = 7
const COLUMNS = 5
const PROMPTS = [
  'a red apple on a blue background',
  'a fox in the snow',
  'a robot in space',
  'a castle on the grass',
  'a boat at sunset',
  'a yellow balloon in the sky',
  'a penguin and a cake in a room',
  'an owl at night',
  'a sunflower on a white background',
  'a whale under the sea',
  'a strawberry on a pink background',
  'a purple dinosaur at the beach',
  'a blue teapot on a white background',
  'a rocket in space',
  'a giraffe in the desert',
]
const PICTURE = 192
const GAP = 12
const CAPTION = 40
const [LINE, FIRST_LINE] = [14, 17]
/** So many letters of the caption's size are surely narrower than a picture. */
const LINE_CHARS = 26
const GROUND = '#f7f7f8'
const INK = '#3a3a42'

const folder = mkdtempSync(path.join(tmpdir(), 'easel-sheet-'))
try {
  const pictures = PROMPTS.map(makePicture)
  const cells = await Promise.all(pictures.map((file, i) => toCell(file, PROMPTS[i], i)))
  const rows = Math.ceil(PROMPTS.length / COLUMNS)
  const width = COLUMNS * (PICTURE + GAP) + GAP
  const height = rows * (PICTURE + CAPTION + GAP) + GAP
  await sharp({ create: { width, height, channels: 3, background: GROUND } })
    .composite(cells.flat())
    .png({ palette: true, quality: 90 })
    .toFile(path.join(ROOT, 'scripts/pictures/sheet.png'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function makePicture(prompt: string, index: number): string {
  const file = path.join(folder, `${index}.png`)
  const words = ['scripts/bootstrap.mjs', 'generate', prompt, '--seed', String(SEED), '--out', file]
  const { status } = spawnSync(process.execPath, words, {
    cwd: ROOT,
    env: { ...process.env, EASEL_HOME: path.join(folder, 'home') },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`"${prompt}" was not made`)
  return file
}

async function toCell(file: string, prompt: string, index: number): Promise<OverlayOptions[]> {
  const left = GAP + (index % COLUMNS) * (PICTURE + GAP)
  const top = GAP + Math.floor(index / COLUMNS) * (PICTURE + CAPTION + GAP)
  const picture = await sharp(file).resize(PICTURE, PICTURE, { kernel: 'lanczos3' }).toBuffer()
  const lines = wrap(prompt).map((line, i) => `<tspan x="${PICTURE / 2}" y="${FIRST_LINE + i * LINE}">${line}</tspan>`)
  const caption = `<svg xmlns="http://www.w3.org/2000/svg" width="${PICTURE}" height="${CAPTION}">
    <text text-anchor="middle" font-family="sans-serif" font-size="11" fill="${INK}">${lines.join('')}</text></svg>`
  return [
    { input: picture, left, top },
    { input: Buffer.from(caption), left, top: top + PICTURE },
  ]
}

/** In lines of even length. */
function wrap(text: string): string[] {
  const most = Math.ceil(text.length / Math.ceil(text.length / LINE_CHARS)) + 3
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`.trim()
    if (line.length <= Math.min(most, LINE_CHARS)) lines[lines.length - 1] = line
    else lines.push(word)
  }
  return lines
}
