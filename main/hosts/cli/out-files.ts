/** Where `--out` puts pictures: "apple.png", or "apple-1.png", "apple-2.png", ... for several. */
import { extname, resolve } from 'node:path'
import { invalidInput, showValue } from '#contract/parse'
import { findExportProblem } from '#services/picture-export'

const ALLOWED = 'a file name that ends in .png, in a folder that can be written'

/** Absolute path of picture `image` of `images`. */
export function outFileOf(out: string, image: number, images: number): string {
  const path = resolve(out)
  const suffix = extname(path)
  return images === 1 ? path : `${path.slice(0, -suffix.length)}-${image + 1}${suffix}`
}

/** Before anything is made: throws `invalid-input` when the pictures could not be written there. */
export async function checkOut(out: string, images: number): Promise<void> {
  if (extname(out).toLowerCase() !== '.png') throw wrong(showValue(out))
  for (let image = 0; image < images; image++) {
    const path = outFileOf(out, image, images)
    const problem = await findExportProblem(path)
    if (problem !== null) throw wrong(`${showValue(path)}, ${problem}`)
  }
}

function wrong(value: string): Error {
  return invalidInput([{ path: '--out', value, allowed: ALLOWED }])
}
