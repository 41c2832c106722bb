/**
 * Opens a model's graphs and finds out what they are: which conditions the network asks for, how large its steps in
 * width and height are. Decided by the graphs' inputs and the configs, never by a model's name.
 */
import { createAutoencoder, USUAL_SCALE, type Autoencoder, type LatentScale } from './autoencoder.ts'
import type { Family } from './families/family.ts'
import { openTransformerFamily } from './families/transformer-families.ts'
import { openUnetFamily } from './families/unet-family.ts'
import { configNumber, getPart, type ModelFiles } from './model-files.ts'
import { once } from './once.ts'
import type { CreateSession, Session } from './session.ts'
import type { ReadWeight } from './model-files.ts'
import { isT5Tokenizer } from './text/t5-tokenizer.ts'

export interface Components extends Family {
  autoencoder: Autoencoder
  /** Train steps of the noise schedule. */
  trainSteps: number
  /** Width and height that the graphs can do are multiples of this. */
  sizeMultiple: number
  /** The one size that a graph of fixed shape can do, in pixels. */
  fixedSize: { height: number; width: number } | null
  release(): Promise<void>
}

export interface OpenOptions {
  createSession: CreateSession
  readWeight: ReadWeight
  threads: number
}

/** Every class of scheduler has this default. */
const TRAIN_STEPS = 1000

/** Throws `model-missing`, `model-corrupt` or `model-incompatible` naming the file; closes what it had opened. */
export async function openComponents(
  files: ModelFiles,
  { createSession, readWeight, threads }: OpenOptions,
): Promise<Components> {
  const sessions: Session[] = []
  const open = async (name: string): Promise<Session> => {
    const part = getPart(files, name)
    const session = await createSession(part.graph, {
      threads,
      weightBytes: part.weightBytes,
      write: part.write,
    })
    sessions.push(session)
    return session
  }
  const release = async (): Promise<void> => {
    for (const session of sessions.splice(0)) await session.release()
  }
  try {
    const autoencoder = await openAutoencoder(files, open)
    const { latentChannels } = autoencoder
    const openFamily = files.parts['transformer'] ? openTransformerFamily : openUnetFamily
    const family = await openFamily({ files, open, readWeight, latentChannels })
    return {
      ...family,
      autoencoder,
      trainSteps: configNumber(files.schedulerConfig, 'num_train_timesteps') ?? TRAIN_STEPS,
      sizeMultiple: autoencoder.factor * family.latentMultiple,
      fixedSize: fixedSize(family, autoencoder),
      release,
    }
  } catch (error) {
    await release()
    throw error
  }
}

async function openAutoencoder(files: ModelFiles, open: (name: string) => Promise<Session>): Promise<Autoencoder> {
  const decoder = await open('vae_decoder')
  const openEncoder = files.parts['vae_encoder'] ? once(() => open('vae_encoder')) : null
  const config = files.parts['vae_decoder'].config ?? files.parts['vae_encoder']?.config ?? null
  const { halvings } = files.parts['vae_decoder']
  return createAutoencoder({ decoder, openEncoder, config, halvings, unnamed: scaleWithoutConfig(files) })
}

/** AMD's, Amuse's and the first exports come without configs: their latents are scaled as the family was trained. */
function scaleWithoutConfig({ parts, tokenizers }: ModelFiles): LatentScale {
  const second = tokenizers['tokenizer_2']
  if (parts['transformer']) {
    const isFlux = second !== undefined && isT5Tokenizer(second)
    return isFlux ? { scale: 0.3611, shift: 0.1159 } : { scale: 1.5305, shift: 0.0609 }
  }
  return parts['text_encoder_2'] ? { scale: 0.13025, shift: 0 } : USUAL_SCALE
}

function fixedSize({ denoiser }: Family, autoencoder: Autoencoder): { height: number; width: number } | null {
  const [, , height, width] = denoiser.sample.shape
  if (typeof height !== 'number' || typeof width !== 'number') return null
  return { height: height * autoencoder.factor, width: width * autoencoder.factor }
}
