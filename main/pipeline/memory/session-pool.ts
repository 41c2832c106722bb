/**
 * The open graphs of one model. Each is opened when it is needed, closed when another one needs its room, and opened again
 * at its next run; where memory runs out it goes on on the next provider. To the pipeline each is a Session like any other.
 */
import { createNotice, createNoticeList, type Notice } from '#contract/notices'
import { WEIGHT_FACTOR } from '#contract/memory'
import type { Provider } from '#contract/providers'
import type { ModelPart } from '../model-files.ts'
import { createProviderChain } from '../provider-chain.ts'
import { isOutOfMemory } from '../relief.ts'
import type { CreateSession, Session, TensorInfo } from '../session.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { describeGraphs, turnOf } from './memory-plan.ts'
import { createRoom, type Slot } from './room.ts'

/** Inputs and outputs of a graph by its header alone; null where the header does not say enough. */
export type ReadSignature = (graph: string) => Promise<Pick<Session, 'inputs' | 'outputs'> | null>

export interface PoolOptions {
  createSession: CreateSession
  readSignature: ReadSignature
  /** Of the parts that every picture needs: where they do not fit together, none is opened before it runs. */
  totalBytes: number
  threads: number
  /** In the order in which they are tried; the processor is the last. */
  providers: readonly Provider[]
  budget: MemoryBudget
  /** Graphs that another pool had open; each is taken over by the part of its name. */
  handedOver?: HandedOver | undefined
}

/** What one pool leaves to the next. */
export interface HandedOver {
  slots: readonly PoolSlot[]
  notices: readonly Notice[]
}

export interface SessionPool {
  open(part: ModelPart): Promise<Session>
  /** What holds for every picture as long as the model is open: other providers, graphs that are closed in between. */
  notices(): readonly Notice[]
  /** What computes the steps. */
  provider(): Provider
  /** Closes the graphs of all parts but these and lets go of the others, open as they are: the pool is empty then. */
  handOver(keeps: (part: ModelPart) => boolean): Promise<HandedOver>
  release(): Promise<void>
}

interface PoolSlot extends Slot {
  part: ModelPart
  /** Index into the providers. */
  at: number
}

function newSlot(part: ModelPart): PoolSlot {
  return { name: part.name, part, bytes: part.weightBytes * WEIGHT_FACTOR, at: 0, opened: null }
}

export function createSessionPool(options: PoolOptions): SessionPool {
  const { providers, budget, threads } = options
  const slots: PoolSlot[] = [...(options.handedOver?.slots ?? [])]
  const told = createNoticeList(options.handedOver?.notices)
  const chain = createProviderChain(options.createSession, providers, told.add)
  const isTight = budget.missingBytes(0, options.totalBytes * WEIGHT_FACTOR) > 0
  const room = createRoom(slots, budget, say)

  function say(notice: Notice): Notice {
    told.add(notice)
    return notice
  }

  function moveOn(slot: PoolSlot): Notice | null {
    if (slot.at === providers.length - 1) return null
    const from = providers[slot.at++]
    const to = [providers[slot.at] === 'cpu' ? 'the processor' : providers[slot.at]]
    return say(createNotice('memory-moved-on', { from, graphs: describeGraphs([slot.name]), to }))
  }

  async function openSlot(slot: PoolSlot): Promise<Session> {
    await room.keepBudget(slot)
    const { graph, weightBytes, write, processorNodes } = slot.part
    for (;;) {
      try {
        const opened = await chain.open(graph, { threads, weightBytes, write, processorNodes }, slot.at)
        slot.at = opened.at
        return opened.session
      } catch (error) {
        if (!isOutOfMemory(error) || ((await room.make(slot, 'all')) ?? moveOn(slot)) === null) throw error
      }
    }
  }

  function ensureOpen(slot: PoolSlot): Promise<Session> {
    if (slot.opened !== null) return slot.opened
    const opening = openSlot(slot)
    slot.opened = opening
    opening.catch(() => (slot.opened = null))
    return opening
  }

  function toSession(
    slot: PoolSlot,
    { inputs, outputs }: { inputs: readonly TensorInfo[]; outputs: readonly TensorInfo[] },
  ) {
    return {
      inputs,
      outputs,
      run: async feeds => (await ensureOpen(slot)).run(feeds),
      release: () => room.close([slot]),
      relief: {
        makeRoom: reach => room.make(slot, reach),
        async moveOn() {
          const said = moveOn(slot)
          if (said !== null) await room.close([slot])
          return said
        },
      },
    } satisfies Session
  }

  return {
    async open(part) {
      const left = options.handedOver?.slots.find(({ name }) => name === part.name)
      const slot = left ?? newSlot(part)
      slot.part = part
      if (left === undefined) slots.push(slot)
      const isFile = part.write === undefined
      const signature = isTight && isFile ? await options.readSignature(part.graph) : null
      return toSession(slot, signature ?? (await ensureOpen(slot)))
    },
    notices: told.all,
    provider() {
      const opened = slots.filter(slot => slot.opened !== null)
      const main = opened.find(({ name }) => turnOf(name) === 'steps') ?? opened[0]
      return main === undefined ? 'cpu' : providers[main.at]
    },
    async handOver(keeps) {
      const all = slots.splice(0)
      await room.close(all.filter(({ part }) => !keeps(part)))
      return { slots: all.filter(({ part }) => keeps(part)), notices: told.all() }
    },
    release: () => room.close(slots.splice(0)),
  }
}
