/** The studio in a person's words, so that the tests read like what is done. */
import { expect, type Locator, type Page } from '@playwright/test'

export class StudioPage {
  readonly page: Page
  readonly prompt: Locator
  readonly generate: Locator
  readonly stage: Locator
  readonly strip: Locator

  constructor(page: Page) {
    this.page = page
    this.prompt = page.getByRole('textbox', { name: 'Prompt', exact: true })
    this.generate = page.getByRole('button', { name: 'Generate' })
    this.stage = page.getByRole('main')
    this.strip = page.getByRole('list', { name: 'Pictures of this session' })
  }

  /** As somebody who has seen the hints of the first minute, with every setting in sight. */
  async open(url: string, view: 'studio' | 'gallery' = 'studio'): Promise<void> {
    await this.page.addInitScript(() => {
      localStorage.setItem('easel.tour', 'ended')
      localStorage.setItem('easel.form-mode', localStorage.getItem('easel.form-mode') ?? 'everything')
    })
    await this.page.goto(url)
    if (view === 'studio') await expect(this.prompt).toBeVisible()
    else await expect(this.page.getByRole('heading', { name: 'Gallery' })).toBeVisible()
  }

  number(name: string): Locator {
    return this.page.getByRole('spinbutton', { name, exact: true })
  }

  /** The large finished picture. */
  picture(prompt: string): Locator {
    return this.stage.getByRole('img', { name: prompt, exact: true })
  }

  thumbnails(): Locator {
    return this.strip.getByRole('button')
  }

  async setSteps(steps: number): Promise<void> {
    await this.number('Steps').fill(String(steps))
  }
}

/** Mean colour of a square of `size` pixels of the picture itself, at a place given as fractions of its sides. */
export function meanColour(picture: Locator, at: { x: number; y: number }, size: number): Promise<number[]> {
  return picture.evaluate(
    async (image: HTMLImageElement, { at, size }) => {
      await image.decode()
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight)
      const context = canvas.getContext('2d')
      if (context === null) throw new Error('no canvas')
      context.drawImage(image, 0, 0)
      const left = Math.round((image.naturalWidth - size) * at.x)
      const top = Math.round((image.naturalHeight - size) * at.y)
      const { data } = context.getImageData(left, top, size, size)
      return [0, 1, 2].map(channel => {
        let sum = 0
        for (let i = channel; i < data.length; i += 4) sum += data[i]
        return sum / (data.length / 4)
      })
    },
    { at, size },
  )
}
