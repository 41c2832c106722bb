/** What can compute the networks: the processor, or a graphics card by one of ONNX Runtime's ways to it. */

export const PROVIDERS = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const
export type Provider = (typeof PROVIDERS)[number]

/** `auto` is the processor: no way to a graphics card has been proven to give the same pictures yet. */
export const PROVIDER_CHOICES = ['auto', ...PROVIDERS] as const
export type ProviderChoice = (typeof PROVIDER_CHOICES)[number]

/** The ways that ONNX Runtime 1.30 has on a system; whether one works there is known when a model is opened. */
export function providersOf(platform: string, architecture: string): Provider[] {
  switch (platform) {
    case 'win32':
      return ['cpu', 'dml', 'webgpu']
    case 'darwin':
      return ['cpu', 'coreml', 'webgpu']
    default:
      return platform === 'linux' && architecture === 'x64' ? ['cpu', 'cuda', 'webgpu'] : ['cpu']
  }
}

/**
 * What is tried one after the other where memory runs out: what was chosen, the way to a graphics card that every system has,
 * the processor.
 */
export function providersFor(choice: ProviderChoice, available: readonly Provider[]): Provider[] {
  if (choice === 'auto' || choice === 'cpu') return ['cpu']
  const other: Provider[] = choice !== 'webgpu' && available.includes('webgpu') ? ['webgpu'] : []
  return [choice, ...other, 'cpu']
}
