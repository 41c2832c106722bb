import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readGraphSignature } from '#engine/read-graph'
import { createOrtSession } from '#pipeline/ort-session'
import { fixtureFolder } from '#test/fixture-job'

const graphs = [
  'sd15/text_encoder',
  'sd15/unet',
  'sd15/vae_encoder',
  'sd15-controlnet/controlnet',
  'x4-upscaler/unet',
  'flux/tiny-flux-dev/transformer',
].map(part => join(fixtureFolder(part), 'model.onnx'))

it.each(graphs)('the header says the same names, types and fixed sides as the runtime: %s', async graph => {
  const session = await createOrtSession(graph, { threads: 1, weightBytes: 0 })
  const signature = await readGraphSignature(graph)
  await session.release()
  const facts = (values: typeof session.inputs) =>
    values.map(({ name, dtype, shape }) => [name, dtype, shape.map(side => (typeof side === 'number' ? side : 'free'))])
  expect(signature && facts(signature.inputs)).toEqual(facts(session.inputs))
  expect(signature?.outputs.map(({ name, dtype }) => [name, dtype])).toEqual(
    session.outputs.map(({ name, dtype }) => [name, dtype]),
  )
})
