/** The pieces of ControlNet in a folder: nets, and the denoiser that takes their residuals. Nets inside a denoiser are its own affair. */
import { axis, findInput, type Part } from './folder-contents.ts'

export interface ControlPieces {
  nets: readonly Part[]
  /** Beside the plain one: those that take residuals. */
  denoisers: readonly Part[]
}

export function findControlPieces(parts: readonly Part[]): ControlPieces {
  return {
    nets: parts.filter(part => findInput(part, 'controlnet_cond') !== undefined),
    denoisers: parts.filter(part => residualsOf(part).length > 0),
  }
}

/** null: nets and denoiser fit, or there is nothing to fit; else why the nets cannot be used. */
export function controlLimit({ nets, denoisers }: ControlPieces): string | null {
  if (nets.length === 0) return null
  const [taker] = denoisers
  if (taker === undefined) {
    const names = nets.map(({ name }) => name).join(', ')
    return `${names} cannot be used: it takes a U-Net with residual inputs (down_block_*_additional_residual) beside the plain one.`
  }
  const wanted = residualsOf(taker)
  const misfit = nets.find(net =>
    wanted.some(({ name, shape }) => {
      const output = net.header.outputs.find(candidate => candidate.name === name)
      const [given, needed] = [axis(output, 1), shape?.[1]]
      return output === undefined || (given !== null && typeof needed === 'number' && given !== needed)
    }),
  )
  return misfit === undefined
    ? null
    : `${misfit.name} cannot be used: its outputs do not fit the inputs of ${taker.file}.`
}

function residualsOf(part: Part) {
  return part.header.inputs.filter(({ name }) => name.endsWith('_additional_residual'))
}
