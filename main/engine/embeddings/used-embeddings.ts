/** Which files of textual inversion had a part in a job's pictures: those whose words stand in a prompt, of every model that read it. */
import type { GenerationRequest } from '#contract/generation'
import type { UsedFile } from '#contract/picture-info'
import type { UsableEmbedding } from '#pipeline/model-files'
import { namesWord } from '#pipeline/text/added-words'

export interface UsedEmbeddings {
  /** Those of a model that reads the prompts. */
  add(embeddings: readonly UsableEmbedding[]): void
  /** In the order in which they were added, each file once. */
  list(): UsedFile[]
}

export function createUsedEmbeddings({
  prompt,
  negativePrompt,
}: Pick<GenerationRequest, 'prompt' | 'negativePrompt'>): UsedEmbeddings {
  const used = new Map<string, UsedFile>()
  return {
    add(embeddings) {
      for (const { spellings, hash } of embeddings) {
        const [name = ''] = spellings
        if (namesWord(`${prompt}\n${negativePrompt}`, spellings)) used.set(`${hash} ${name}`, { name, hash })
      }
    },
    list: () => [...used.values()],
  }
}
