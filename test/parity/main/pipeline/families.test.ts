/** Every model family from the prompt text to the picture, on tiny models and numbers of diffusers; provenance in test/fixtures/models/README.md. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runFlowGoldens } from '../../../../scripts/parity/pipelines/flow-cases.ts'
import { runPipelines } from '../../../../scripts/parity/pipelines.ts'

const MODELS = join(import.meta.dirname, '../../../fixtures/models')
const FLOWS = ['sd3/golden-sd3', 'flux/golden-flux-dev']
const unets = readdirSync(MODELS, { withFileTypes: true })
  .filter(entry => entry.isDirectory() && !FLOWS.some(flow => flow.startsWith(`${entry.name}/`)))
  .map(entry => entry.name)

describe('whole pipelines equal diffusers', () => {
  it.each(unets)('%s: ids, embeddings, latents of every step, picture', async family => {
    expectAllPassed(await runPipelines(join(MODELS, family)))
  })

  it.each(FLOWS)('%s: embeddings, latents of every step, picture', async folder => {
    expectAllPassed(await runFlowGoldens(join(MODELS, folder)))
  })
})

function expectAllPassed(files: Awaited<ReturnType<typeof runPipelines>>): void {
  const results = files.flatMap(file => file.results)
  expect(results.filter(result => !result.passed)).toEqual([])
  expect(results.length).toBeGreaterThan(0)
}
