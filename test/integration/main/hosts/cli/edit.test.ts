import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodePng } from '#imaging/png-encode'
import { decodeSource } from '#imaging/sharp-codec'
import { runProgram } from '#test/run-program'
import { scratchFolder } from '#test/scratch-folder'

const [width, height] = [150, 101]
const before = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 31 + (i >> 7)) & 0xff)
const isPainted = (pixel: number): boolean => {
  const [x, y] = [pixel % width, Math.floor(pixel / width)]
  return x >= 40 && x < 90 && y >= 30 && y < 70
}

test('inpainting from the command line changes what is white in the mask and nothing else, the same every time', async () => {
  const dataFolder = await scratchFolder()
  const mask = Uint8Array.from(before, (_, i) => (isPainted(Math.floor(i / 3)) ? 255 : 0))
  await writeFile(join(dataFolder, 'in.png'), await encodePng({ width, height, data: before }))
  await writeFile(join(dataFolder, 'mask.png'), await encodePng({ width, height, data: mask }))
  const results: Uint8Array[] = []
  for (const out of ['one.png', 'two.png']) {
    const words = ['generate', 'a hat', '--image', 'in.png', '--mask', 'mask.png', '--only-masked', '--strength', '0.9']
    const { code, stderr } = await runProgram([...words, '--seed', '5', '--steps', '3', '--out', out], { dataFolder })
    expect(code, stderr).toBe(0)
    const picture = await decodeSource(join(dataFolder, out), out)
    expect([picture.width, picture.height]).toEqual([width, height])
    results.push(picture.data)
  }
  const [after, again] = results
  expect(Buffer.compare(after, again)).toBe(0)
  const changed = Array.from(before.keys()).filter(i => before[i] !== after[i])
  expect(changed.filter(i => !isPainted(Math.floor(i / 3)))).toEqual([])
  expect(changed.length).toBeGreaterThan(50 * 40 * 3 * 0.8)
})

test('what the command line asks of the mask and the seam stands in the picture that it makes', async () => {
  const dataFolder = await scratchFolder()
  const grey = Uint8Array.from(before, (_, i) => (isPainted(Math.floor(i / 3)) ? 128 : 0))
  await writeFile(join(dataFolder, 'in.png'), await encodePng({ width, height, data: before }))
  await writeFile(join(dataFolder, 'mask.png'), await encodePng({ width, height, data: grey }))
  const words = [
    'generate',
    'a hat',
    '--image',
    'in.png',
    '--mask',
    'mask.png',
    '--mask-as-strength',
    '--match-colours',
  ]
  const { code, stderr } = await runProgram([...words, '--seed', '5', '--steps', '4', '--out', 'out.png'], {
    dataFolder,
  })
  expect(code, stderr).toBe(0)
  const file = await readFile(join(dataFolder, 'out.png'))
  expect(file.includes('"maskAsStrength":true,"matchColours":true')).toBe(true)
  const { data: after } = await decodeSource(file, 'out.png')
  const changed = Array.from(before.keys()).filter(i => before[i] !== after[i])
  expect(changed.filter(i => !isPainted(Math.floor(i / 3)))).toEqual([])
  expect(changed.length).toBeGreaterThan(50 * 40 * 3 * 0.8) // a half-grey mask mixes nothing of the old picture in
})

test('a sketch and an area can be named on the command line, and what lies outside the area stays', async () => {
  const dataFolder = await scratchFolder()
  const strokes = new Uint8Array(width * height * 4)
  strokes.set([255, 0, 0, 255], (40 * width + 60) * 4)
  await writeFile(join(dataFolder, 'in.png'), await encodePng({ width, height, data: before }))
  await writeFile(join(dataFolder, 'sketch.png'), await encodePng({ width, height, channels: 4, data: strokes }))
  const words = ['generate', 'a hat', '--image', 'in.png', '--strokes', 'sketch.png', '--area', '40,30,90,70']
  const { code, stderr } = await runProgram([...words, '--steps', '2', '--out', 'out.png'], { dataFolder })
  expect(code, stderr).toBe(0)
  const { data } = await decodeSource(join(dataFolder, 'out.png'), 'out.png')
  const changed = Array.from(before.keys()).filter(i => before[i] !== data[i])
  expect(changed.filter(i => !isPainted(Math.floor(i / 3)))).toEqual([])
  expect(changed.length).toBeGreaterThan(50 * 40 * 3 * 0.8)
})

test.each([
  [['--image', 'x.png', '--area', '3,3,2'], '--area is'],
  [['--mask', 'mask.png'], '--mask is given without a picture'],
  [['--image', 'x.png', '--strength', '2'], '--strength is 2; allowed: a number from 0.01 to 1'],
  [['--image', 'x.png', '--fill', 'red'], '--fill is "red"; allowed: original, blurred, noise, nothing'],
])('%j is refused in words', async (flags, sentence) => {
  const dataFolder = await scratchFolder()
  await writeFile(join(dataFolder, 'x.png'), 'not looked at')
  const { code, stderr } = await runProgram(['generate', 'a hat', ...flags], { dataFolder })
  expect(stderr).toContain(sentence)
  expect(code).toBe(2)
})
