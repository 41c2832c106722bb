/** Arrays and pictures that a golden file describes by a formula instead of storing them; reads the formulas from its text. */
import type { PixelImage } from '#imaging/pixel-image'

/** "((i*37)%101-50)/25" -> its first `count` values, each rounded to float32 once. All such formulas of a text, in its order. */
export function toyArrays(text: string, count: number): Float32Array[] {
  const formulas = [...text.matchAll(/\(\(i\*(\d+)\)%(\d+)-(\d+)\)\/(\d+)/g)]
  if (formulas.length === 0) throw new Error(`no formula like ((i*37)%101-50)/25 in "${text}"`)
  return formulas.map(formula => {
    const [factor, modulus, shift, divisor] = formula.slice(1).map(Number)
    return Float32Array.from({ length: count }, (_, i) => (((i * factor) % modulus) - shift) / divisor)
  })
}

/** "shape (2,4,8,8)" -> [2, 4, 8, 8]; the first one of a text. */
export function shapeIn(text: string): number[] {
  const match = /(?:shape|reshape) \(([\d,\s]+)\)/.exec(text)
  if (!match) throw new Error(`no shape like (1,4,8,8) in "${text}"`)
  return match[1].split(',').map(Number)
}

/** "R=(7x+3y)%256, G=..., B=(x*x+13y)%256" -> the RGB picture. */
export function toyPicture(text: string, width: number, height: number): PixelImage {
  const channels = ['R', 'G', 'B'].map(name => {
    const match = new RegExp(`${name}=\\(([^)]*)\\)%256`).exec(text)
    if (!match) throw new Error(`no formula for ${name} in "${text}"`)
    return match[1].split('+').map(parseTerm)
  })
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3)
    const [x, y] = [pixel % width, Math.floor(pixel / width)]
    data[i] = channels[i % 3].reduce((sum, term) => sum + term(x, y), 0) % 256
  }
  return { width, height, channels: 3, data }
}

/** "7x", "y", "x*x" */
function parseTerm(text: string): (x: number, y: number) => number {
  const linear = /^(\d*)([xy])$/.exec(text)
  if (linear) {
    const factor = linear[1] === '' ? 1 : Number(linear[1])
    return linear[2] === 'x' ? x => factor * x : (_, y) => factor * y
  }
  if (text === 'x*x') return x => x * x
  if (text === 'y*y') return (_, y) => y * y
  throw new Error(`the term "${text}" of a picture's formula is not understood`)
}

/** "clamp(((x-30)^2+(y-20)^2)//3,0,255), 64x48" (width before height) -> the grey picture. */
export function toyMask(text: string): PixelImage {
  const match = /clamp\(\(\(x-(\d+)\)\^2\+\(y-(\d+)\)\^2\)\/\/(\d+),0,255\), (\d+)x(\d+)/.exec(text)
  if (!match) throw new Error(`no formula of a mask in "${text}"`)
  const [left, top, divisor, width, height] = match.slice(1).map(Number)
  const data = new Uint8Array(width * height)
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [i % width, Math.floor(i / width)]
    data[i] = Math.min(Math.floor(((x - left) ** 2 + (y - top) ** 2) / divisor), 255)
  }
  return { width, height, channels: 1, data }
}

export function decodeFloat32(base64: string): Float32Array {
  return new Float32Array(decodeBytes(base64).buffer)
}

export function decodeBytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64, 'base64'))
}

export function absoluteSum(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0)
}
