/**
 * A step of UniPC over the latents: what the coefficients of unipc-coefficients.ts weigh.
 *   x' = scale x + clean m0 + bend sum_k rho_k (m_k - m0) / r_k
 * Each product, difference and sum is rounded to float32 in the reference's order.
 */
import { combine3 } from './kernels.ts'
import { createTransferKernel, type TransferKernel } from './unipc-kernel.ts'

export interface Transfer {
  /** Of the sample. */
  scale: number
  /** Of the newest output. */
  clean: number
  /** Of the sum of differences. */
  bend: number
}

export interface Difference {
  rho: number
  output: Float32Array
  ratio: number
}

const { fround } = Math

export function differencesOf(
  rhos: readonly number[],
  outputs: readonly Float32Array[],
  ratios: readonly number[],
): Difference[] {
  return rhos.map((rho, k) => ({ rho, output: outputs[k], ratio: ratios[k] }))
}

/** For fewer values making the kernel would not pay. */
const KERNEL_FROM = 2 ** 14
let kernel: TransferKernel | null | undefined

export function transferred(
  transfer: Transfer,
  sample: Float32Array,
  newest: Float32Array,
  differences: readonly Difference[],
): Float32Array {
  if (sample.length >= KERNEL_FROM && sample.length % 4 === 0) {
    if (kernel === undefined) kernel = createTransferKernel()
    if (kernel !== null) {
      const out = new Float32Array(sample.length)
      kernel(out, transfer, sample, newest, differences)
      return out
    }
  }
  const sum = new Float32Array(sample.length)
  for (const { rho, output, ratio } of differences) {
    for (let i = 0; i < sum.length; i++) sum[i] += fround(rho * fround(fround(output[i] - newest[i]) / ratio))
  }
  return combine3(transfer.scale, sample, transfer.clean, newest, transfer.bend, sum)
}
