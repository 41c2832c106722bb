import { expect, it } from 'vitest'
import { nextTick } from 'vue'
import { aJob, createMemory, createPageStores } from '#test/page-stores'
import { useCanvas } from '../../../../renderer/stores/canvas.ts'
import { useJobs } from '../../../../renderer/stores/jobs.ts'

function open(memory = createMemory()) {
  const { app } = createPageStores({ memory })
  return app.runWithContext(() => ({ canvas: useCanvas(), jobs: useJobs() }))
}

it('shows a result that was finished before the canvas heard of its job', async () => {
  const { canvas, jobs } = open()
  canvas.open({ kind: 'image', id: 'first' }, { width: 4, height: 3 })
  jobs.apply(aJob({ state: 'done', results: ['result'] }))
  canvas.follow('job')
  await nextTick()
  expect([canvas.shown, canvas.current?.picture]).toEqual([0, { kind: 'image', id: 'result' }])
})

it('keeps the brush of the hand when another picture is opened', () => {
  const { canvas } = open()
  canvas.open({ kind: 'image', id: 'first' }, { width: 4, height: 3 })
  canvas.editor?.set({ tool: 'wand', tolerance: 7 })
  canvas.open({ kind: 'image', id: 'second' }, { width: 3, height: 4 })
  expect(canvas.editor?.settings).toMatchObject({ tool: 'wand', tolerance: 7 })
})

it('goes on with its options when what it remembers of the mask is damaged', () => {
  const { canvas } = open(createMemory({ canvas: { options: { strength: 0.3 }, maskLook: 'fur' } }))
  expect([canvas.options.strength, canvas.maskLook]).toEqual([0.3, 'tint'])
})
