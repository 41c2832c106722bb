/** The first hundred folders of `node scripts/fuzz/main.ts`, which does thousands; how long they take is measured there and not here. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRemoteEngine, type RemoteEngine } from '#engine/remote-engine'
import { forkEngine } from '#hosts/fork-engine'
import { createSilentLog } from '#test/silent-log'
import { fuzzModels } from '../../../scripts/fuzz/fuzz-models.ts'

const ENTRY = `${import.meta.dirname}/../../../main/engine/engine-process.ts`
let engine: RemoteEngine
beforeAll(() => {
  engine = createRemoteEngine({
    fork: () => forkEngine({ nodeBinary: process.execPath, entry: ENTRY }),
    log: createSilentLog(),
  })
})
afterAll(() => engine.dispose())

it('answers every damaged model folder with a picture or an error that names the fault', async () => {
  const now = () => performance.now()
  const results = await fuzzModels({ seed: 1, count: 100, engine, now, limitMs: Infinity })
  expect(results.filter(({ fault }) => fault !== null)).toEqual([])
  expect(new Set(results.map(({ outcome }) => outcome))).toContain('picture')
  expect(new Set(results.map(({ outcome }) => outcome))).toContain('model-corrupt')
}, 240_000)
