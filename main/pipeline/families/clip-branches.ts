/** The CLIP and T5 encoders of a model with their tokenizers, by folder name. */
import { AppError } from '#contract/errors'
import { once } from '../once.ts'
import { configNumber, getPart, type ModelFiles, type ModelPart, type TokenizerFiles } from '../model-files.ts'
import { toFloat32 } from '../tensor-cast.ts'
import { createTextEncoder } from '../text-encoder.ts'
import type { LayerNorm } from '../text/layer-norm.ts'
import type { ClipBranch } from '../text/clip-conditioner.ts'
import { withAddedWords } from '../text/added-words.ts'
import { createClipTokenizer, type Tokenizer } from '../text/clip-tokenizer.ts'
import type { T5Branch } from '../text/t5-branch.ts'
import { createT5Tokenizer } from '../text/t5-tokenizer.ts'
import type { FamilyContext } from './family.ts'

/** CLIP's window where neither tokenizer nor graph says it. */
export const CLIP_TOKENS = 77

/** `suffixes` of folders: "" for text_encoder and tokenizer, "_2" for text_encoder_2 and tokenizer_2. */
export async function openClipBranches(context: FamilyContext, suffixes: readonly string[]): Promise<ClipBranch[]> {
  const branches: ClipBranch[] = []
  for (const suffix of suffixes) branches.push(await openClipBranch(context, suffix))
  return branches
}

async function openClipBranch(context: FamilyContext, suffix: string): Promise<ClipBranch> {
  const part = getPart(context.files, `text_encoder${suffix}`)
  const tokenizer = openTokenizer(context.files, suffix)
  const encoder = createTextEncoder(await context.open(part.name), part.name)
  const positions = configNumber(part.config, 'max_position_embeddings')
  return {
    tokenizer,
    encoder,
    finalNorm: once(() => readFinalNorm(context, part)),
    windowTokens: encoder.tokens ?? tokenizer.maxLength ?? positions ?? CLIP_TOKENS,
  }
}

export async function openT5Branch(context: FamilyContext, suffix: string): Promise<T5Branch> {
  const tokenizer = createT5Tokenizer(getTokenizer(context.files, `tokenizer${suffix}`))
  const name = `text_encoder${suffix}`
  return { tokenizer, encoder: createTextEncoder(await context.open(name), name) }
}

/** The norm behind the last layer, as the graph has it; exporters keep the names of the weights. */
async function readFinalNorm({ readWeight }: FamilyContext, { name, graph }: ModelPart): Promise<LayerNorm> {
  const read = async (kind: 'weight' | 'bias'): Promise<Float32Array> => {
    const tensor = `final_layer_norm.${kind}`
    const weight = await readWeight(
      graph,
      kind === 'weight' ? /(final_layer_norm|ln_final)\.weight$/ : /(final_layer_norm|ln_final)\.bias$/,
    )
    if (weight !== null) return toFloat32(weight)
    throw new AppError('model-incompatible', `This model cannot skip layers: ${name}/model.onnx has no ${tensor}.`, {
      details: { file: `${name}/model.onnx`, tensor },
    })
  }
  return { weight: await read('weight'), bias: await read('bias') }
}

/** With the words that textual inversion taught its encoder. */
export function openTokenizer(files: ModelFiles, suffix: string): Tokenizer {
  const tokenizer = createClipTokenizer(getTokenizer(files, `tokenizer${suffix}`))
  return withAddedWords(tokenizer, files.parts[`text_encoder${suffix}`]?.words ?? [])
}

export function getTokenizer(files: ModelFiles, name: string): TokenizerFiles {
  const tokenizer = files.tokenizers[name]
  if (tokenizer) return tokenizer
  throw new AppError('model-missing', `The model in ${files.folder} has no ${name} folder.`, {
    details: { file: name },
  })
}
