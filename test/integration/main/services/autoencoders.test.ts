/** Another autoencoder for a model: found, refused with its reason, used, and written into the picture. */
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { GenerationInput } from '#contract/generation'
import { createLocalEngine } from '#engine/local-engine'
import { decodePicture } from '#imaging/sharp-codec'
import { createOrtSession } from '#pipeline/ort-session'
import { readPictureFile } from '#storage/picture-file'
import { scratchFolder } from '#test/scratch-folder'
import { openTestApp, ROOT, type TestApp } from '#test/test-app'

const FIXTURES = join(ROOT, 'test/fixtures')
const CONFIG = { scaling_factor: 0.18215, norm_num_groups: 4 }

async function openWith(models: readonly string[], lone: (folder: string) => Promise<void> = async () => undefined) {
  const [modelFolder, dataFolder] = [await scratchFolder(), await scratchFolder()]
  for (const model of models)
    await cp(join(FIXTURES, model), join(modelFolder, model.split('/')[1] ?? ''), { recursive: true })
  await mkdir(join(dataFolder, 'vae'), { recursive: true })
  await lone(join(dataFolder, 'vae'))
  const engine = createLocalEngine({ createSession: createOrtSession, now: () => performance.now() })
  return openTestApp({ modelFolders: [modelFolder], dataFolder, engine })
}

/** The autoencoder of a checkpoint in one file as a file of its own, as such files are published: the same names without their prefix. */
async function extractVae(folder: string, config: object | null): Promise<void> {
  const bytes = await readFile(join(FIXTURES, 'checkpoints/tiny-sd15/tiny-sd15-fp16.safetensors'))
  const length = Number(bytes.readBigUInt64LE())
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, { data_offsets: number[] }>
  const parts: Buffer[] = []
  let offset = 0
  const own = Object.entries(header).flatMap(([name, entry]) => {
    if (!name.startsWith('first_stage_model.')) return []
    const [start = 0, end = 0] = entry.data_offsets
    parts.push(bytes.subarray(8 + length + start, 8 + length + end))
    const place = [offset, offset + end - start]
    offset += end - start
    return [[name.slice('first_stage_model.'.length), { ...entry, data_offsets: place }]]
  })
  const text = Buffer.from(JSON.stringify(Object.fromEntries(own)))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(text.length))
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'vae.safetensors'), Buffer.concat([size, text, ...parts]))
  if (config !== null) await writeFile(join(folder, 'config.json'), JSON.stringify(config))
}

async function draw(app: TestApp, input: Partial<GenerationInput>) {
  const small = { prompt: 'a fox', width: 64, height: 64, steps: 2, seed: 5 }
  const job = await app.finished((await app.api.jobs.submit({ ...small, ...input })).id)
  if (job.error !== null) throw new Error(job.error.message)
  const path = await app.imageFile(job.results[0] ?? '')
  const { data } = await decodePicture(path)
  return { pixels: createHash('sha256').update(data).digest('hex'), info: (await readPictureFile(path))?.info, path }
}

it('offers a model the autoencoders of others that work in the same latents, and no others', async () => {
  const { api } = await openWith(['models/sd15', 'models/lcm', 'models/sdxl', 'models/sd21-v'])
  const vaes = Object.fromEntries((await api.models.list({})).map(({ id, vaes: fitting }) => [id, fitting]))
  expect(vaes).toEqual({
    sd15: ['lcm', 'sd21-v'],
    lcm: ['sd15', 'sd21-v'],
    'sd21-v': ['lcm', 'sd15'],
    sdxl: [],
  })
})

it('refuses one of other latents, one that does not say its scaling, and one that is not there, each with the reason', async () => {
  const { api } = await openWith(['models/sd15', 'models/lcm', 'models/sdxl'], folder =>
    extractVae(join(folder, 'unsaid'), null),
  )
  const reasonFor = async (vae: string) => {
    const thrown: unknown = await api.jobs.submit({ model: 'sd15', prompt: 'a fox', vae }).catch((e: unknown) => e)
    return (thrown as { issues?: { path: string; value: string; allowed: string }[] }).issues?.[0]
  }
  expect(await reasonFor('sdxl')).toEqual({
    path: 'vae',
    value: '"sdxl", but its latents are scaled by 0.13025, and those of the model by 0.18215',
    allowed: expect.stringMatching(/^one that fits .+: lcm$/) as string,
  })
  expect((await reasonFor('unsaid'))?.value).toContain('put a config.json with its scaling_factor beside it')
  expect((await reasonFor('other'))?.value).toContain('there is no autoencoder of that name')
})

it("decodes with another model's autoencoder and says so in the picture's file", async () => {
  const app = await openWith(['models/sd15', 'models/lcm'])
  const own = await draw(app, { model: 'sd15' })
  const other = await draw(app, { model: 'sd15', vae: 'lcm' })
  expect(other.pixels).not.toBe(own.pixels)
  expect((await draw(app, { model: 'sd15' })).pixels).toBe(own.pixels) // and lets go of it again
  expect(own.info?.vaeHash).toBeUndefined()
  expect(other.info?.request.vae).toBe('lcm')
  const text = (await readFile(other.path)).toString('latin1')
  expect(text).toContain(`VAE hash: ${other.info?.vaeHash?.slice(0, 10)}, VAE: lcm`)
})

it('reads a lone .safetensors file with its config: the weights of the model itself give its own picture', async () => {
  const app = await openWith(['checkpoints/tiny-sd15'], folder => extractVae(join(folder, 'alone'), CONFIG))
  expect((await app.api.models.get({ id: 'tiny-sd15' })).vaes).toEqual(['alone'])
  const own = await draw(app, { model: 'tiny-sd15' })
  const same = await draw(app, { model: 'tiny-sd15', vae: 'alone' })
  expect(same.pixels).toBe(own.pixels)
  expect(same.info?.vaeHash).toMatch(/^[0-9a-f]{64}$/)
})
