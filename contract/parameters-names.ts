/** Samplers and schedules as A1111's web UI names them in the text that it writes into pictures. */
import type { SchedulerId, SigmaSchedule } from './generation.ts'

/** As A1111 writes them where it has the sampler, otherwise as diffusers' documentation does. */
export const SAMPLER_NAMES: Readonly<Record<SchedulerId, string>> = {
  ddim: 'DDIM',
  euler: 'Euler',
  'euler-ancestral': 'Euler a',
  'dpmpp-2m': 'DPM++ 2M',
  'dpmpp-2m-sde': 'DPM++ 2M SDE',
  'dpmpp-3m': 'DPM++ 3M',
  'dpmpp-2s': 'DPM++ 2S',
  'dpmpp-sde': 'DPM++ SDE',
  unipc: 'UniPC',
  deis: 'DEIS',
  heun: 'Heun',
  kdpm2: 'DPM2',
  'kdpm2-ancestral': 'DPM2 a',
  lms: 'LMS',
  pndm: 'PLMS',
  ddpm: 'DDPM',
  'sa-solver': 'SA-Solver',
  lcm: 'LCM',
  tcd: 'TCD',
  ipndm: 'IPNDM',
  'edm-euler': 'EDM Euler',
  'edm-dpmpp-2m': 'EDM DPM++ 2M',
  consistency: 'Consistency',
  'flow-match-euler': 'Flow Euler',
  'flow-match-heun': 'Flow Heun',
  'flow-match-lcm': 'Flow LCM',
}

/** null: it is not written. */
export const SCHEDULE_NAMES: Readonly<Record<SigmaSchedule, string | null>> = {
  model: null,
  karras: 'Karras',
  exponential: 'Exponential',
  beta: 'Beta',
  lu: 'Lu',
  simple: 'Simple',
  'sgm-uniform': 'SGM Uniform',
  'align-your-steps': 'Align Your Steps',
  trailing: 'Trailing',
  leading: 'Leading',
  linspace: 'Linspace',
}
