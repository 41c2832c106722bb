/** The canvas in a person's words: what is painted, exported and generated there, and what is seen of it. */
import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import { StudioPage } from './studio-page.ts'

/** A picture of the starter model on the canvas. */
export async function openOnCanvas(page: Page, url: string): Promise<string> {
  const studio = new StudioPage(page)
  await studio.open(url)
  await studio.setSteps(4)
  await studio.prompt.fill('a red apple on a beach')
  await studio.generate.click()
  await expect(studio.picture('a red apple on a beach')).toBeVisible()
  await page.getByRole('button', { name: 'Inpaint' }).click()
  await expect(surface(page)).toBeVisible()
  return (await newestImages(page))[0]
}

export const surface = (page: Page) => page.getByRole('application')
export const tool = (page: Page, name: string) =>
  page.getByRole('toolbar', { name: 'Tools' }).getByRole('button', { name })

/** A stroke between two places given as fractions of the canvas's sides. */
export async function stroke(page: Page, from: [number, number], to: [number, number]): Promise<void> {
  const box = await surface(page).boundingBox()
  if (box === null) throw new Error('The canvas is not on the page.')
  const at = ([x, y]: [number, number]): [number, number] => [box.x + box.width * x, box.y + box.height * y]
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 12 })
  await page.mouse.up()
}

export async function newestImages(page: Page): Promise<string[]> {
  const reply = await page.request.post(new URL('/api/gallery.list', page.url()).href, { data: {} })
  const { value } = (await reply.json()) as { value: { images: { id: string }[] } }
  return value.images.map(image => image.id)
}

/** The mask as it is exported: one number 0..255 a pixel. */
export async function exportMask(page: Page): Promise<number[]> {
  await page.getByRole('button', { name: 'Mask', exact: true }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('menuitem', { name: 'Save the mask' }).click()
  const file = readFileSync(await (await download).path()).toString('base64')
  return (await pixelsOf(page, `data:image/png;base64,${file}`)).filter((_, i) => i % 4 === 0)
}

/** RGBA of a picture, decoded by the browser. */
export function pixelsOf(page: Page, url: string): Promise<number[]> {
  return page.evaluate(async source => {
    const image = new Image()
    image.src = source
    await image.decode()
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    context.drawImage(image, 0, 0)
    return [...context.getImageData(0, 0, canvas.width, canvas.height).data]
  }, url)
}

export async function inpaint(page: Page, prompt: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill(prompt)
  await page.getByRole('button', { name: /^Inpaint/ }).click()
  await expect(page.getByRole('button', { name: 'Keep', exact: true })).toBeVisible()
}

/** The picture on the canvas as the engine saved it: RGBA. */
export async function newestPixels(page: Page): Promise<number[]> {
  const [newest] = await newestImages(page)
  return pixelsOf(page, `/image/${newest}`)
}

export const undo = (page: Page) => surface(page).press('Control+z')

/** Whatever layer is worked on. */
export async function exportMaskOf(page: Page): Promise<number[]> {
  await page.getByRole('radio', { name: 'Mask' }).click()
  return exportMask(page)
}

/** What the canvas shows, without cursor and tool bars. */
export async function shotOf(page: Page): Promise<string> {
  await page.mouse.move(2, 2)
  const box = await surface(page).boundingBox()
  if (box === null) throw new Error('The canvas is not on the page.')
  const clip = { x: box.x + box.width * 0.3, y: box.y + 80, width: box.width * 0.4, height: box.height - 260 }
  return (await page.screenshot({ clip })).toString('base64')
}
