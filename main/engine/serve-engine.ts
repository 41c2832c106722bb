/**
 * The engine's end of the conversation in contract/engine-messages.ts: commands in, events and answers out. It is told
 * which engine and which channel; `engine-process.ts` joins the real ones.
 */
import { AppError, toErrorPayload } from '#contract/errors'
import { engineCommandSchema, type EngineCommand, type EngineMessage } from '#contract/engine-messages'
import { parseInput } from '#contract/parse'
import type { Engine, EngineEvent } from './engine.ts'

export interface EngineChannel {
  send(message: EngineMessage): void
  onMessage(listener: (raw: unknown) => void): void
}

/** A message that does not parse is thrown: the process ends with it, and the supervisor says so. */
export function serveEngine(engine: Engine, channel: EngineChannel): void {
  const running = new Map<number, AbortController>()

  async function answer(call: number, work: () => Promise<EngineMessage>): Promise<void> {
    try {
      channel.send(await work())
    } catch (thrown) {
      channel.send({ type: 'failed', call, error: toErrorPayload(thrown) })
    }
  }

  async function generate(command: EngineCommand & { type: 'generate' }): Promise<EngineMessage> {
    const { call, job } = command
    if (running.size > 0) throw new AppError('internal', 'The engine was given a second job while one runs.')
    const controller = new AbortController()
    running.set(call, controller)
    try {
      const onEvent = (event: EngineEvent) => channel.send({ type: 'event', call, event })
      return { type: 'done', call, results: await engine.generate(job, { signal: controller.signal, onEvent }) }
    } finally {
      running.delete(call)
    }
  }

  async function unload(call: number): Promise<EngineMessage> {
    await engine.unload()
    return { type: 'done', call, results: [] }
  }

  async function countTokens({ call, modelFolder, text }: EngineCommand & { type: 'count-tokens' }) {
    const count = await engine.countTokens(modelFolder, text)
    return { type: 'counted', call, count } as const
  }

  async function makeThumbnail({ call, from, to }: EngineCommand & { type: 'make-thumbnail' }): Promise<EngineMessage> {
    await engine.makeThumbnail(from, to)
    return { type: 'done', call, results: [] }
  }

  channel.onMessage(raw => {
    const command = parseInput(engineCommandSchema, raw, 'engine command')
    switch (command.type) {
      case 'generate':
        void answer(command.call, () => generate(command))
        break
      case 'cancel':
        running.get(command.call)?.abort() // a job that has just ended needs no cancelling
        break
      case 'unload':
        void answer(command.call, () => unload(command.call))
        break
      case 'count-tokens':
        void answer(command.call, () => countTokens(command))
        break
      case 'make-thumbnail':
        void answer(command.call, () => makeThumbnail(command))
    }
  })
}
