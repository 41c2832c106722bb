/** A model's files with another graph for its text: exports of one encoder differ in what they give. */
import type { ModelFiles } from '#pipeline/model-files'

export function withEncoder(files: ModelFiles, graph: string): ModelFiles {
  const encoder = files.parts['text_encoder']
  return { ...files, parts: { ...files.parts, text_encoder: { ...encoder, graph } } }
}
