/**
 * Which graphs are closed so that another one fits. A picture needs its graphs in turn: text encoders, picture encoder,
 * denoising networks, decoder; those of one turn are needed together and are never closed for each other. Pure.
 */
import type { NoticeWord } from '#contract/notices'

export type Turn = 'text' | 'encode' | 'steps' | 'decode'

/** The sooner, the less it costs to open it again; denoising networks are the largest. */
const CLOSING_ORDER: readonly Turn[] = ['text', 'encode', 'decode', 'steps']

export interface OpenGraph {
  /** Folder name inside the model: "unet", "text_encoder_2". */
  name: string
  bytes: number
}

/** ControlNets have names of their own choosing and run with the U-Net. */
export function turnOf(name: string): Turn {
  if (name.startsWith('text_encoder')) return 'text'
  if (name === 'vae_encoder') return 'encode'
  return name === 'vae_decoder' ? 'decode' : 'steps'
}

/** What of `open` may be closed while `wanted` runs, in the order in which it is; `idle` leaves denoising networks open. */
export function closable<T extends { name: string }>(open: readonly T[], wanted: string, reach: 'idle' | 'all'): T[] {
  const turns = CLOSING_ORDER.filter(turn => turn !== turnOf(wanted) && (reach === 'all' || turn !== 'steps'))
  return turns.flatMap(turn => open.filter(({ name }) => turnOf(name) === turn))
}

/** The fewest of the closable graphs that free `missingBytes`; all of them where that is not enough. */
export function planRoom<T extends OpenGraph>(open: readonly T[], wanted: string, missingBytes: number): T[] {
  const closed: T[] = []
  let freed = 0
  for (const graph of closable(open, wanted, 'all')) {
    if (freed >= missingBytes) break
    closed.push(graph)
    freed += graph.bytes
  }
  return closed
}

/** For notices: each kind once. */
export function describeGraphs(names: readonly string[]): string[] {
  return [...new Set(names.map(describeGraph))]
}

function describeGraph(name: string): NoticeWord | (string & {}) {
  switch (turnOf(name)) {
    case 'text':
      return 'the text encoder'
    case 'encode':
      return 'the picture encoder'
    case 'decode':
      return 'the picture decoder'
    case 'steps':
      return name === 'unet' || name === 'transformer' ? 'the denoising network' : name
  }
}
