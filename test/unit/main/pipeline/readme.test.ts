import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const FOLDER = path.join(import.meta.dirname, '../../../../main/pipeline')
const map = readFileSync(path.join(FOLDER, 'README.md'), 'utf8')

describe("the pipeline's map", () => {
  it('leads only to files that exist', () => {
    const links = [...map.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, , target]) => target)
    expect(links.length).toBeGreaterThan(50)
    expect(links.filter(target => !existsSync(path.join(FOLDER, target)))).toEqual([])
  })

  it('names every idea of the literature that the engine is built on', () => {
    for (const idea of [
      'Forward process, closed form',
      'Reverse process',
      'Noise-prediction loss',
      'DDPM',
      'DDIM',
      'U-Net',
      'Time conditioning',
      'Attention',
      'Classifier guidance',
      'Classifier-free guidance',
      'Latent diffusion',
      'Consistency',
      'Flow matching',
      'Rectified flow',
    ]) {
      expect(map).toContain(idea)
    }
  })
})
