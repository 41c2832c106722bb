/**
 * Draws the application's icons from the one SVG: PNGs for Linux, an .ico for Windows, an .icns for macOS. Both containers
 * hold PNGs and a small table. https://en.wikipedia.org/wiki/Apple_Icon_Image_format, https://en.wikipedia.org/wiki/ICO_(file_format)
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import sharp from 'sharp'

const LINUX_SIZES = [16, 32, 48, 64, 128, 256, 512]
const WINDOWS_SIZES = [16, 24, 32, 48, 64, 128, 256]
/** Type of the entry -> pixels; ic11 to ic14 are the double resolutions of 16, 32, 128 and 256 points. */
const MAC_TYPES = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 } as const

export async function drawIcons(svg: string, folder: string): Promise<void> {
  await mkdir(path.join(folder, 'linux'), { recursive: true })
  const draw = (size: number) =>
    sharp(svg, { density: (72 * size) / 256 })
      .resize(size, size)
      .png()
      .toBuffer()
  for (const size of LINUX_SIZES) await writeFile(path.join(folder, 'linux', `${size}x${size}.png`), await draw(size))
  await writeFile(path.join(folder, 'icon.ico'), toIco(await drawAll(WINDOWS_SIZES, draw)))
  const macEntries = Object.entries(MAC_TYPES).map(async ([type, size]) => ({ type, png: await draw(size) }))
  await writeFile(path.join(folder, 'icon.icns'), toIcns(await Promise.all(macEntries)))
}

interface Drawing {
  size: number
  png: Buffer
}

function drawAll(sizes: number[], draw: (size: number) => Promise<Buffer>): Promise<Drawing[]> {
  return Promise.all(sizes.map(async size => ({ size, png: await draw(size) })))
}

function toIco(drawings: Drawing[]): Buffer {
  const header = Buffer.alloc(6)
  header.writeUInt16LE(1, 2) // an icon, not a cursor
  header.writeUInt16LE(drawings.length, 4)
  let offset = 6 + 16 * drawings.length
  const entries = drawings.map(({ size, png }) => {
    const entry = Buffer.alloc(16)
    entry.writeUInt8(size % 256, 0) // 0 means 256
    entry.writeUInt8(size % 256, 1)
    entry.writeUInt16LE(1, 4) // planes
    entry.writeUInt16LE(32, 6) // bits a pixel
    entry.writeUInt32LE(png.length, 8)
    entry.writeUInt32LE(offset, 12)
    offset += png.length
    return entry
  })
  return Buffer.concat([header, ...entries, ...drawings.map(({ png }) => png)])
}

function toIcns(entries: { type: string; png: Buffer }[]): Buffer {
  const parts = entries.map(({ type, png }) => Buffer.concat([head(type, png.length), png]))
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([head('icns', length), ...parts])
}

/** Four letters and the length with this head. */
function head(type: string, contentLength: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.write(type, 0, 'latin1')
  bytes.writeUInt32BE(contentLength + 8, 4)
  return bytes
}
