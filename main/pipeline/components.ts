/**
 * Opens a model's graphs and finds out what they are: which conditions the network asks for, how large its steps in
 * width and height are. Decided by the graphs' inputs and the configs, never by a model's name.
 */
import { AppError } from '#contract/errors'
import { createAutoencoder, type Autoencoder } from './autoencoder.ts'
import { createControlNet, type ControlNet } from './control-net.ts'
import { createDenoiser, type Denoiser } from './denoiser.ts'
import { configNumber, configNumbers, getPart, type ModelFiles } from './model-files.ts'
import type { CreateSession, Session } from './session.ts'
import type { StrengthRounding } from './strength.ts'
import { createTextEncoder } from './text-encoder.ts'
import { createClipConditioner, type ClipBranch, type Conditioner } from './text/clip-conditioner.ts'
import { createClipTokenizer } from './text/clip-tokenizer.ts'

export interface Components {
  conditioner: Conditioner
  denoiser: Denoiser
  /** Channels of the denoiser's input by its config; null when neither says it. */
  inputChannels: number | null
  /** Input for the guidance scale of distilled networks and the number of features that it takes. */
  guidanceInput: { name: string; features: number } | null
  /** Train steps of the noise schedule. */
  trainSteps: number
  rounding: StrengthRounding
  /** The denoiser that takes residuals of ControlNets; opened at the first use. */
  controlDenoiser(): Promise<Denoiser>
  /** The net in this folder; opened at the first use. */
  controlNet(name: string): Promise<ControlNet>
  autoencoder: Autoencoder
  /** Width and height that the graphs can do are multiples of this. */
  sizeMultiple: number
  /** The one size that a graph of fixed shape can do, in pixels. */
  fixedSize: { height: number; width: number } | null
  release(): Promise<void>
}

export interface OpenOptions {
  createSession: CreateSession
  threads: number
}

/** CLIP's window where neither tokenizer nor graph says it. */
const CLIP_TOKENS = 77
/** U-Nets without a config are SD 1 and 2 exports of the first years. */
const UNNAMED_LEVELS = 4
/** Every class of scheduler has this default. */
const TRAIN_STEPS = 1000
/** Folder of the U-Net with inputs for residuals, beside the plain one. */
const CONTROLLED = 'unet_controlnet'

/** Throws `model-missing`, `model-corrupt` or `model-incompatible` naming the file; closes what it had opened. */
export async function openComponents(files: ModelFiles, { createSession, threads }: OpenOptions): Promise<Components> {
  const sessions: Session[] = []
  const open = async (name: string): Promise<Session> => {
    const part = getPart(files, name)
    const session = await createSession(part.graph, { threads, weightBytes: part.weightBytes })
    sessions.push(session)
    return session
  }
  const release = async (): Promise<void> => {
    for (const session of sessions.splice(0)) await session.release()
  }
  try {
    const branches = await openClipBranches(files, open)
    const denoiser = createDenoiser(await open('unet'), 'unet')
    const decoder = await open('vae_decoder')
    const encoder = files.parts['vae_encoder'] ? await open('vae_encoder') : null
    const config = files.parts['vae_decoder'].config ?? files.parts['vae_encoder']?.config ?? null
    const autoencoder = createAutoencoder({ decoder, encoder, config })
    return {
      inputChannels: configNumber(files.parts['unet'].config, 'in_channels'),
      guidanceInput: findGuidanceInput(denoiser),
      trainSteps: configNumber(files.schedulerConfig, 'num_train_timesteps') ?? TRAIN_STEPS,
      rounding: 'down',
      controlDenoiser: once(async () => createDenoiser(await open(CONTROLLED), CONTROLLED)),
      controlNet: onceByName(async name => createControlNet(createDenoiser(await open(name), name), name)),
      conditioner: openConditioner(files, branches, denoiser),
      denoiser,
      autoencoder,
      sizeMultiple: autoencoder.factor * denoiserMultiple(files),
      fixedSize: fixedSize(denoiser, autoencoder),
      release,
    }
  } catch (error) {
    await release()
    throw error
  }
}

async function openClipBranches(files: ModelFiles, open: (name: string) => Promise<Session>): Promise<ClipBranch[]> {
  const suffixes = ['', '_2'].filter(suffix => files.parts[`text_encoder${suffix}`])
  if (suffixes.length === 0) getPart(files, 'text_encoder')
  const branches: ClipBranch[] = []
  for (const suffix of suffixes) {
    const name = `tokenizer${suffix}`
    const tokenizerFiles = files.tokenizers[name]
    if (!tokenizerFiles) {
      throw new AppError('model-missing', `The model in ${files.folder} has no ${name} folder.`, {
        details: { file: name },
      })
    }
    const tokenizer = createClipTokenizer(tokenizerFiles)
    const part = getPart(files, `text_encoder${suffix}`)
    const encoder = createTextEncoder(await open(part.name), part.name)
    const positions = configNumber(part.config, 'max_position_embeddings')
    branches.push({
      tokenizer,
      encoder,
      windowTokens: encoder.tokens ?? tokenizer.maxLength ?? positions ?? CLIP_TOKENS,
    })
  }
  return branches
}

function openConditioner(files: ModelFiles, branches: ClipBranch[], denoiser: Denoiser): Conditioner {
  const states = denoiser.inputs.find(input => input.name === 'encoder_hidden_states')
  if (!states) {
    throw new AppError('model-incompatible', 'unet/model.onnx has no input encoder_hidden_states.', {
      details: {
        file: 'unet/model.onnx',
        tensor: 'encoder_hidden_states',
        actual: denoiser.inputs.map(({ name }) => name),
      },
    })
  }
  const hasAdded = denoiser.inputs.some(input => input.name === 'time_ids')
  return createClipConditioner({
    branches,
    statesInput: states.name,
    fixedTokens: typeof states.shape[1] === 'number' ? states.shape[1] : null,
    added: hasAdded
      ? {
          timeIds: countTimeIds(files, denoiser),
          zerosForNoNegative: files.index?.['force_zeros_for_empty_prompt'] === true,
        }
      : null,
  })
}

/** Five for the refiner (with an aesthetic score), six for the base; by the graph's shape, else by the index. */
function countTimeIds(files: ModelFiles, denoiser: Denoiser): 5 | 6 {
  const declared = denoiser.inputs.find(input => input.name === 'time_ids')?.shape[1]
  if (declared === 5 || declared === 6) return declared
  const said = files.index?.['requires_aesthetics_score']
  if (typeof said === 'boolean') return said ? 5 : 6
  return files.parts['text_encoder'] ? 6 : 5
}

/** A U-Net halves its input between levels; a side that cannot be halved so often does not come back in the right size. */
function denoiserMultiple(files: ModelFiles): number {
  const levels = configNumbers(files.parts['unet']?.config ?? null, 'block_out_channels')?.length ?? UNNAMED_LEVELS
  return 2 ** (levels - 1)
}

function fixedSize(denoiser: Denoiser, autoencoder: Autoencoder): { height: number; width: number } | null {
  const [, , height, width] = denoiser.sample.shape
  if (typeof height !== 'number' || typeof width !== 'number') return null
  return { height: height * autoencoder.factor, width: width * autoencoder.factor }
}

/** `timestep_cond` of latent consistency models. */
function findGuidanceInput(denoiser: Denoiser): { name: string; features: number } | null {
  const input = denoiser.inputs.find(candidate => candidate.name === 'timestep_cond')
  if (!input) return null
  const features = input.shape[1]
  if (typeof features === 'number') return { name: input.name, features }
  throw new AppError('model-incompatible', 'unet/model.onnx does not say how wide its input timestep_cond is.', {
    details: { file: 'unet/model.onnx', tensor: input.name, actual: input.shape },
  })
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => (made ??= make())
}

function onceByName<T>(make: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const made = new Map<string, Promise<T>>()
  return name => {
    const value = made.get(name) ?? make(name)
    made.set(name, value)
    return value
  }
}
