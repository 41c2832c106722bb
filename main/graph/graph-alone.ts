/** The layout of networks without parts: one graph that lies in the model's folder itself. */

const PARTS_OF_OTHERS = /^(unet|transformer|vae_decoder|text_encoder)\//

/** The only graph that lies in the folder itself; null where there are several, none, or parts of a diffusion model. `files` with forward slashes. */
export function graphAlone(files: Iterable<string>): string | null {
  const all = [...files]
  const graphs = all.filter(file => /^[^/]+\.onnx$/.test(file))
  return graphs.length === 1 && !all.some(file => PARTS_OF_OTHERS.test(file)) ? graphs[0] : null
}
