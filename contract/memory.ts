/** How much memory the engine takes, and when it works in pieces. Numbers in bytes, pixels and latents. */

const MEGABYTE = 2 ** 20

/** Of the setting `memoryMb`. */
export const MEMORY_LIMITS = { min: 0, max: 1_048_576 } as const

/** What a network takes in memory over what its files take on disk: weights are laid out anew for the processor. */
export const WEIGHT_FACTOR = 1.15

/** Left free for what a network computes, where the user has set no limit. */
export const RESERVE_BYTES = 512 * MEGABYTE

/** Where a system does not say what is free (macOS counts its caches as used), so much of all its memory is Easel's. */
export const SHARE_OF_TOTAL = 0.7

export const TILING = {
  /** Pictures of more pixels go through the autoencoder in tiles: one tensor of SD's decoder takes 1 kB a pixel, so 4 GiB here. */
  wholePixels: 2048 * 2048,
  /** Sides of tiles in latents, tried one after the other where memory runs out. */
  sides: [128, 64, 32, 16],
  /** By which tiles overlap, of their side. */
  overlap: 1 / 4,
} as const

/** Pictures through a network that makes them larger, in pixels of the small one. */
export const ENLARGING = {
  /** Sides of tiles, tried one after the other where memory runs out. */
  sides: [256, 128, 64],
  /** Surroundings that a tile is shown and that are not kept. */
  margin: 16,
} as const

export function megabytes(bytes: number): number {
  return Math.round(bytes / MEGABYTE)
}

export function bytesOfMegabytes(count: number): number {
  return count * MEGABYTE
}

/**
 * What a job does without from its start, after an engine process died of too much memory: graphs that stay open, several
 * rows a run, pictures decoded in one piece, a graphics card.
 */
export const RELIEF_MEASURES = ['one-at-a-time', 'row-by-row', 'in-tiles', 'processor'] as const
export type ReliefMeasure = (typeof RELIEF_MEASURES)[number]
