/** Closes open graphs so that another one fits: before it is opened where the budget asks for it, or after memory ran out. */
import { createNotice, type Notice } from '#contract/notices'
import { megabytes } from '#contract/memory'
import type { Session } from '../session.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { closable, describeGraphs, planRoom } from './memory-plan.ts'

/** A graph's place among those of its model, open or not. */
export interface Slot {
  name: string
  bytes: number
  opened: Promise<Session> | null
}

export interface Room {
  close(slots: readonly Slot[]): Promise<void>
  /** What memory ran out for may go on without what was closed; null where there was nothing to close. */
  make(slot: Slot, reach: 'idle' | 'all'): Promise<Notice | null>
  /** Before `slot` is opened. */
  keepBudget(slot: Slot): Promise<void>
}

/** `slots` are those of the model as they are at any time; `say` hears every closing and gives the notice back. */
export function createRoom(slots: readonly Slot[], budget: MemoryBudget, say: (notice: Notice) => Notice): Room {
  const others = (slot: Slot): Slot[] => slots.filter(other => other !== slot && other.opened !== null)

  async function close(closing: readonly Slot[]): Promise<void> {
    for (const slot of closing) {
      const { opened } = slot
      slot.opened = null
      await (await opened)?.release()
    }
  }

  return {
    close,
    async make(slot, reach) {
      const closing = closable(others(slot), slot.name, reach)
      if (closing.length === 0) return null
      await close(closing)
      return say(createNotice('memory-ran-short', factsOf(closing, slot)))
    },
    async keepBudget(slot) {
      const open = others(slot)
      const openBytes = open.reduce((sum, { bytes }) => sum + bytes, 0)
      const closing = planRoom(open, slot.name, budget.missingBytes(openBytes, slot.bytes))
      if (closing.length === 0) return
      await close(closing)
      const { limitBytes } = budget
      const facts = factsOf(closing, slot)
      if (limitBytes === null) say(createNotice('memory-is-short', facts))
      else say(createNotice('memory-limit', { ...facts, megabytes: megabytes(limitBytes) }))
    },
  }
}

function factsOf(closing: readonly Slot[], wanted: Slot) {
  return { closed: describeGraphs(closing.map(({ name }) => name)), opened: describeGraphs([wanted.name]) }
}
