import { describe, expect, it } from 'vitest'
import { detectModel } from '#catalog/detect/detect-model'
import { describeVerdict } from '#hosts/cli/describe-verdict'
import { loadContents } from '#test/model-contents'

function describeFixture(name: string): string[] {
  return describeVerdict(detectModel(loadContents(name)))
}

describe('a verdict in words', () => {
  it('says what a usable model is, what it can do and what sizes it makes', () => {
    const lines = describeFixture('sdxl')
    expect(lines[0]).toBe('This model can be used.')
    expect(lines).toContain('what it is   Stable Diffusion XL')
    expect(lines.find(line => line.startsWith('it can do'))).toContain('inpainting')
    expect(lines.find(line => line.startsWith('renders at'))).toContain('multiples of 16')
  })

  it('gives the width before the height of a model with fixed shapes', () => {
    expect(describeFixture('static-shapes')).toContain('renders at   64 x 64 only')
  })

  it('begins with every reason why a model cannot be used', () => {
    const lines = describeFixture('broken-dim-mismatch')
    expect(lines[0]).toBe('This model cannot be used:')
    expect(lines[1]).toContain('width 24, but text_encoder/model.onnx')
  })

  it('says what works less well', () => {
    const lines = describeFixture('legacy-diffusers-onnx')
    expect(lines).toContain('It works, but:')
    expect(lines.join('\n')).toContain('cannot be repeated exactly')
  })

  it('shortens long lists of tensors', () => {
    const lines = describeFixture('sd15-controlnet').filter(line => line.includes('additional_residual'))
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(700)
  })
})
