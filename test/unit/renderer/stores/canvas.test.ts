import { expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { ChangePlan } from '#canvas/plan-change'
import { aJob, createMemory, createPageStores } from '#test/page-stores'
import { useCanvas } from '../../../../renderer/stores/canvas.ts'
import { useJobs } from '../../../../renderer/stores/jobs.ts'

const PLAN: ChangePlan = {
  region: { left: 0, top: 0, right: 4, bottom: 3 },
  renderSize: { width: 64, height: 48 },
  keptShare: 0.5,
  maskedShare: 0.5,
  overlay: { box: { left: 0, top: 0, right: 4, bottom: 3 }, width: 4, height: 3, data: new Uint8Array(12) },
}

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

it('shows what a job is painting in its place, but over no result that is looked at, and nothing once it has ended', async () => {
  const { canvas, jobs } = open()
  canvas.open({ kind: 'image', id: 'first' }, { width: 4, height: 3 })
  jobs.apply(aJob({ id: 'before', state: 'done', results: ['result'] }))
  canvas.follow('before')
  jobs.apply(aJob({ state: 'running' }))
  canvas.follow('job', PLAN)
  canvas.show(null)
  const preview = { jobId: 'job', image: 0, step: 3, mediaType: 'image/jpeg', base64: '' } as const
  jobs.applyPreview({ ...preview, jobId: 'of another window' })
  expect(canvas.inWork).toBeNull()
  jobs.applyPreview(preview)
  expect(canvas.inWork).toEqual({ preview, plan: PLAN })
  canvas.show(0)
  expect(canvas.inWork).toBeNull()
  canvas.show(null)
  jobs.apply(aJob({ state: 'done', revision: 9 }))
  await nextTick()
  expect(canvas.inWork).toBeNull()
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
