/**
 * Opens a model's graphs and finds out what they are: which conditions the network asks for, how large its steps in
 * width and height are. Decided by the graphs' inputs and the configs, never by a model's name.
 */
import { FAMILY_SCALING } from '#contract/model-verdict'
import { createAutoencoder, type Autoencoder, type LatentScale } from './autoencoder.ts'
import { createDenoiser, type Denoiser } from './denoiser.ts'
import type { Family } from './families/family.ts'
import { openTransformerFamily } from './families/transformer-families.ts'
import { openUnetFamily } from './families/unet-family.ts'
import { configNumber, getPart, type ModelFiles } from './model-files.ts'
import type { EarlyRelief, MemoryBudget } from './memory/memory-budget.ts'
import { createSessionPool, type HandedOver, type ReadSignature, type SessionPool } from './memory/session-pool.ts'
import { once } from './once.ts'
import type { CreateSession, Session } from './session.ts'
import type { ReadWeight } from './model-files.ts'
import { isT5Tokenizer } from './text/t5-tokenizer.ts'
import type { Provider } from '#contract/providers'

export interface Components extends Family {
  autoencoder: Autoencoder
  /** Train steps of the noise schedule. */
  trainSteps: number
  /** Width and height that the graphs can do are multiples of this. */
  sizeMultiple: number
  /** The one size that a graph of fixed shape can do, in pixels. */
  fixedSize: { height: number; width: number } | null
  /** What the user should know of how its graphs run; see session-pool.ts. */
  sessions: Pick<SessionPool, 'notices' | 'provider' | 'handOver'>
  release(): Promise<void>
}

export interface OpenOptions {
  createSession: CreateSession
  readWeight: ReadWeight
  readSignature: ReadSignature
  threads: number
  /** In the order in which they are tried; the processor is the last. */
  providers: readonly Provider[]
  budget: MemoryBudget
  relief: EarlyRelief
  /** Graphs of this model that are open already, as it was with other LoRAs; closed where opening fails. */
  handedOver?: HandedOver | undefined
}

/** Parts beside the text encoders that every picture needs. */
const ALWAYS_NEEDED = ['unet', 'transformer', 'vae_decoder']

/** Every class of scheduler has this default. */
const TRAIN_STEPS = 1000

/** Throws `model-missing`, `model-corrupt` or `model-incompatible` naming the file; closes what it had opened. */
export async function openComponents(files: ModelFiles, options: OpenOptions): Promise<Components> {
  const { readWeight, relief } = options
  const pool = createSessionPool({ ...options, totalBytes: neededBytes(files) })
  const open = (name: string): Promise<Session> => pool.open(getPart(files, name))
  const openDenoiser = async (name: string): Promise<Denoiser> => {
    const denoiser = createDenoiser(await open(name), name)
    if (relief.rowByRow) denoiser.limitRows(1)
    return denoiser
  }
  try {
    const autoencoder = await openAutoencoder(files, open, relief)
    const { latentChannels } = autoencoder
    const openFamily = files.parts['transformer'] ? openTransformerFamily : openUnetFamily
    const family = await openFamily({ files, open, openDenoiser, readWeight, latentChannels })
    return {
      ...family,
      autoencoder,
      trainSteps: configNumber(files.schedulerConfig, 'num_train_timesteps') ?? TRAIN_STEPS,
      sizeMultiple: autoencoder.factor * family.latentMultiple,
      fixedSize: fixedSize(family, autoencoder),
      sessions: pool,
      release: () => pool.release(),
    }
  } catch (error) {
    await pool.release()
    throw error
  }
}

function neededBytes({ parts }: ModelFiles): number {
  return Object.values(parts)
    .filter(({ name }) => ALWAYS_NEEDED.includes(name) || name.startsWith('text_encoder'))
    .reduce((sum, { weightBytes }) => sum + weightBytes, 0)
}

async function openAutoencoder(
  files: ModelFiles,
  open: (name: string) => Promise<Session>,
  { inTiles }: EarlyRelief,
): Promise<Autoencoder> {
  const decoder = await open('vae_decoder')
  const openEncoder = files.parts['vae_encoder'] ? once(() => open('vae_encoder')) : null
  const config = files.parts['vae_decoder'].config ?? files.parts['vae_encoder']?.config ?? null
  const { halvings } = files.parts['vae_decoder']
  return createAutoencoder({ decoder, openEncoder, config, halvings, inTiles, unnamed: scaleWithoutConfig(files) })
}

/** AMD's, Amuse's and the first exports come without configs: their latents are scaled as the family was trained. */
function scaleWithoutConfig({ parts, tokenizers }: ModelFiles): LatentScale {
  const second = tokenizers['tokenizer_2']
  if (parts['transformer']) return FAMILY_SCALING[second !== undefined && isT5Tokenizer(second) ? 'flux' : 'sd3']
  return FAMILY_SCALING[parts['text_encoder_2'] ? 'sdxl' : 'sd1']
}

function fixedSize({ denoiser }: Family, autoencoder: Autoencoder): { height: number; width: number } | null {
  const [, , height, width] = denoiser.sample.shape
  if (typeof height !== 'number' || typeof width !== 'number') return null
  return { height: height * autoencoder.factor, width: width * autoencoder.factor }
}
