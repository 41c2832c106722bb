/**
 * Soft edges: three box blurs one after another, which come close to a Gaussian of sigma = radius / 2 and, unlike one,
 * end exactly `radius` pixels from where they began. The picture's edge pixels count as going on for ever.
 */
import type { GreyMask } from './grey-mask.ts'

const PASSES = 3

export function featherMask({ width, height, data }: GreyMask, radius: number): GreyMask {
  const halves = Array.from({ length: PASSES }, (_, pass) => Math.floor((radius + pass) / PASSES)).filter(n => n > 0)
  let [from, to] = [data.slice(), new Uint8Array(data.length)]
  for (const half of halves) {
    for (let y = 0; y < height; y++) blurLine(from, to, { start: y * width, stride: 1, length: width, half })
    ;[from, to] = [to, from]
    for (let x = 0; x < width; x++) blurLine(from, to, { start: x, stride: width, length: height, half })
    ;[from, to] = [to, from]
  }
  return { width, height, data: from }
}

interface Line {
  start: number
  stride: number
  length: number
  half: number
}

function blurLine(from: Uint8Array, to: Uint8Array, { start, stride, length, half }: Line): void {
  const size = 2 * half + 1
  const at = (i: number): number => from[start + Math.min(Math.max(i, 0), length - 1) * stride] ?? 0
  let sum = 0
  for (let i = -half; i <= half; i++) sum += at(i)
  for (let i = 0; i < length; i++) {
    to[start + i * stride] = Math.round(sum / size)
    sum += at(i + half + 1) - at(i - half)
  }
}
