import { nextTick } from 'vue'
import { expect, test, vi } from 'vitest'
import { aModel, aRequest, createMemory, createPageStores } from '#test/page-stores'
import { useDraft } from '../../../../renderer/stores/draft.ts'
import { useModels } from '../../../../renderer/stores/models.ts'
import { useStyles } from '../../../../renderer/stores/styles.ts'

function createDraft(memory = createMemory(), models = [aModel()]) {
  const { app } = createPageStores({ memory })
  const stores = app.runWithContext(() => ({ draft: useDraft(), models: useModels(), styles: useStyles() }))
  stores.models.apply(models)
  return { ...stores, memory }
}

test('what the user left alone is not sent, so that the host decides it', () => {
  const { draft } = createDraft()
  draft.setPrompt('a fox')
  expect(draft.input).toEqual({ prompt: 'a fox', model: 'a-model', seed: -1 })
  expect(draft.values.steps).toBe(12)
})

test('a value that is set back to its default is no choice any more', () => {
  const { draft } = createDraft()
  draft.set('steps', 30)
  expect(draft.input.steps).toBe(30)
  draft.set('steps', 12)
  expect('steps' in draft.input).toBe(false)
})

test('size and steps are remembered for each model, images and negative prompt for all', () => {
  const { draft } = createDraft(createMemory(), [
    aModel(),
    aModel({ id: 'other', recommended: { width: 512, height: 512 } }),
  ])
  draft.set('width', 96)
  draft.set('images', 4)
  draft.modelId = 'other'
  expect(draft.values).toMatchObject({ width: 512, images: 4 })
  draft.modelId = 'a-model'
  expect(draft.values).toMatchObject({ width: 96, images: 4 })
})

test('what was chosen before the models arrived belongs to the model in force', () => {
  const { app } = createPageStores()
  const { draft, models } = app.runWithContext(() => ({ draft: useDraft(), models: useModels() }))
  draft.set('steps', 40)
  models.apply([aModel()])
  expect(draft.values.steps).toBe(40)
  expect(draft.input.steps).toBe(40)
})

test('a wrong value stays as it was typed and is named with its path', () => {
  const { draft } = createDraft()
  draft.set('steps', 0)
  draft.set('width', Number.NaN)
  expect(draft.values.steps).toBe(0)
  expect(Object.keys(draft.issues)).toEqual(['width', 'steps'])
})

test('what the host said about a field is forgotten when the field is changed', () => {
  const { draft } = createDraft()
  draft.showHostIssues([
    { path: 'steps', value: '9', allowed: 'fewer' },
    { path: 'prompt', value: '', allowed: 'more' },
  ])
  draft.set('steps', 8)
  expect(Object.keys(draft.issues)).toEqual(['prompt'])
  draft.setPrompt('a dog')
  expect(draft.issues).toEqual({})
})

test('an unlocked seed asks for a drawn one, a locked one is sent', () => {
  const { draft } = createDraft()
  draft.lockSeed(7)
  expect(draft.input.seed).toBe(7)
  draft.unlockSeed()
  expect(draft.input.seed).toBe(-1)
  expect(draft.seed).toBe(7)
})

test('reusing a picture takes over everything but the number of images', () => {
  const { draft } = createDraft()
  draft.set('images', 9)
  draft.reuse(aRequest({ prompt: 'a bee', seed: 5, steps: 33, negativePrompt: 'rain', images: 1 }))
  expect(draft.input).toMatchObject({ prompt: 'a bee', seed: 5, steps: 33, negativePrompt: 'rain', images: 9 })
})

test('of a picture that a network made larger the words and the seed are taken over, and the model stays', () => {
  const enlarger = aModel({ id: 'sharp-x2', features: ['super-resolution'] })
  const { draft } = createDraft(createMemory(), [enlarger, aModel()])
  draft.set('steps', 30)
  draft.reuse(aRequest({ model: 'sharp-x2', prompt: 'a bee', seed: 5, steps: 20, width: 256, height: 256 }))
  expect(draft.input).toEqual({ model: 'a-model', prompt: 'a bee', seed: 5, steps: 30 })
})

test('the form comes back as it was left, and a damaged part of the memory costs only itself', async () => {
  vi.useFakeTimers()
  const { draft, memory } = createDraft()
  draft.setPrompt('half writ')
  draft.set('guidance', 6)
  draft.lockSeed(3)
  await nextTick()
  vi.advanceTimersByTime(2000)
  vi.useRealTimers()
  const again = createDraft(createMemory({ draft: { ...(memory.parts.draft as object), seed: 'damaged' } })).draft
  expect(again.prompt).toBe('half writ')
  expect(again.values.guidance).toBe(6)
  expect(again.seed).toBeNull()
})

test("a picture's words are taken over without the styles that are on, whose words they already have", () => {
  const { draft, styles } = createDraft()
  styles.apply([{ name: 'Ink', prompt: 'ink drawing of {prompt}', negativePrompt: 'colour' }])
  draft.toggleStyle('Ink')
  draft.reuseWords(aRequest({ prompt: 'ink drawing of a bee', negativePrompt: 'colour' }))
  expect(draft.texts).toEqual({ prompt: 'ink drawing of a bee', negativePrompt: 'colour' })
})

test('styles that are on stand around what is sent, not in what is written', () => {
  const { draft, styles } = createDraft()
  styles.apply([
    { name: 'Ink', prompt: 'ink drawing of {prompt}', negativePrompt: 'colour' },
    { name: 'Gone', prompt: 'never', negativePrompt: '' },
  ])
  draft.setPrompt('a fox')
  draft.toggleStyle('Ink')
  draft.toggleStyle('Gone')
  styles.apply([{ name: 'Ink', prompt: 'ink drawing of {prompt}', negativePrompt: 'colour' }])
  expect(draft.prompt).toBe('a fox')
  expect(draft.input).toMatchObject({ prompt: 'ink drawing of a fox', negativePrompt: 'colour' })
  draft.renameStyle('Ink', 'Pen')
  draft.toggleStyle('Pen')
  expect(draft.input).toEqual({ prompt: 'a fox', model: 'a-model', seed: -1 })
})

test('a second pass is kept for the model and left out beside a start picture', () => {
  const { draft } = createDraft(createMemory(), [aModel(), aModel({ id: 'other' })])
  draft.set('hires', { scale: 2 })
  expect(draft.input.hires).toEqual({ scale: 2 })
  draft.set('edit', { source: 'a'.repeat(64) })
  expect('hires' in draft.input).toBe(false)
  draft.modelId = 'other'
  draft.set('edit', undefined)
  expect(draft.values.hires).toBeUndefined()
  draft.modelId = 'a-model'
  expect(draft.input.hires).toEqual({ scale: 2 })
})

test('a preset sets what it says and brings the rest of the model back to what is recommended', () => {
  const { draft } = createDraft()
  draft.setPrompt('a fox')
  draft.set('width', 96)
  draft.set('negativePrompt', 'rain')
  draft.applySettings({ steps: 40 })
  expect(draft.input).toEqual({ prompt: 'a fox', model: 'a-model', seed: -1, steps: 40, negativePrompt: 'rain' })
})

test('of a file of another program only what it says is taken over, and a snapshot brings everything back', () => {
  const { draft } = createDraft()
  draft.setPrompt('before')
  draft.set('guidance', 9)
  const before = draft.snapshot()
  draft.reusePart({ prompt: 'a bee', steps: 7, seed: 5, model: 'nobody has it' })
  expect(draft.input).toEqual({ prompt: 'a bee', model: 'a-model', seed: 5, steps: 7, guidance: 9 })
  draft.restore(before)
  expect(draft.input).toEqual({ prompt: 'before', model: 'a-model', seed: -1, guidance: 9 })
})

test('a prompt that cannot be read is wrong before it is sent', () => {
  const { draft } = createDraft()
  draft.setPrompt('a fox AND a dog')
  expect(draft.issues.prompt?.allowed).toMatch(/no AND in capitals/)
  draft.setPrompt('a (fox:1.2.3)')
  expect(draft.issues.prompt?.value).toMatch(/weight/)
})

test('what was written for another model stays in the form, and is not sent to one that takes no notice of it', () => {
  const { draft } = createDraft(createMemory(), [aModel(), aModel({ id: 'fast', guidance: 'embedded' })])
  draft.setPrompt('a fox')
  draft.set('negativePrompt', 'rain')
  draft.modelId = 'fast'
  expect(draft.values.negativePrompt).toBe('rain')
  expect('negativePrompt' in draft.input).toBe(false)
  draft.set('trueGuidance', 3)
  expect(draft.input.negativePrompt).toBe('rain')
  draft.set('originalSteps', 40)
  expect('originalSteps' in draft.input).toBe(false)
  draft.set('scheduler', 'lcm')
  expect(draft.input.originalSteps).toBe(40)
})
