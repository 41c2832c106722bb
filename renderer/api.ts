/**
 * The page's one way out: calls and events of the application, over Electron's bridge or over HTTP and server-sent
 * events. Knows nothing of the views. A lost server is noticed, tried again with growing pauses, and told to the
 * listeners of the state; whoever hears 'open' queries again, because events of the meantime are lost.
 */
import type { AppEvent, Argument, Bridge, MethodName, Reply, Result } from '#contract/api'
import { fromErrorPayload } from '#contract/errors'

export type ConnectionState = 'connecting' | 'open' | 'lost'

export interface Client {
  /** Throws an AppError that the application answered with, or a ConnectionError when there was no answer. */
  call<M extends MethodName>(method: M, argument: Argument<M>): Promise<Result<M>>
  onEvent(listener: (event: AppEvent) => void): () => void
  /** Called at once with the present state, then at every change. */
  onState(listener: (state: ConnectionState) => void): () => void
  dispose(): void
}

/** No answer came: the program behind the page has stopped or cannot be reached. */
export class ConnectionError extends Error {
  constructor(cause: unknown) {
    super('Easel does not answer', { cause })
    this.name = 'ConnectionError'
  }
}

const RECONNECT_MS = { first: 400, longest: 5000 } as const

export function createClient(target: Window): Client {
  return target.api === undefined ? createHttpClient() : createBridgeClient(target.api)
}

function createBridgeClient(bridge: Bridge): Client {
  const stops = new Set<() => void>()
  return {
    async call(method, argument) {
      return unwrap(method, await bridge.call(method, toPlain(argument)))
    },
    onEvent(listener) {
      const stop = bridge.on(listener)
      stops.add(stop)
      return stop
    },
    onState(listener) {
      listener('open')
      return () => undefined
    },
    dispose: () => stops.forEach(stop => stop()),
  }
}

function createHttpClient(): Client {
  const events = createListeners<AppEvent>()
  const states = createListeners<ConnectionState>()
  let state: ConnectionState = 'connecting'
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let pauseMs: number = RECONNECT_MS.first

  function setState(next: ConnectionState) {
    if (next === state) return
    state = next
    states.emit(next)
  }

  function connect() {
    clearTimeout(timer)
    source?.close()
    source = new EventSource('/api/events')
    source.onopen = () => {
      pauseMs = RECONNECT_MS.first
      setState('open')
    }
    source.onmessage = message => events.emit(JSON.parse(String(message.data)) as AppEvent)
    source.onerror = () => {
      // The browser's own retry keeps its pace for ever; ours starts quick and slows down.
      source?.close()
      setState('lost')
      timer = setTimeout(connect, pauseMs)
      pauseMs = Math.min(pauseMs * 2, RECONNECT_MS.longest)
    }
  }
  connect()

  return {
    async call(method, argument) {
      return unwrap(method, await post(method, argument))
    },
    onEvent: events.add,
    onState(listener) {
      listener(state)
      return states.add(listener)
    },
    dispose() {
      clearTimeout(timer)
      source?.close()
    },
  }
}

async function post(method: MethodName, argument: unknown): Promise<Reply> {
  try {
    const response = await fetch(`/api/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(argument),
    })
    return (await response.json()) as Reply
  } catch (cause) {
    throw new ConnectionError(cause) // the request failed, or something that is not Easel answered
  }
}

/** What HTTP sends as JSON, the bridge clones; a reactive proxy, which a store may pass, cannot be cloned. */
function toPlain(argument: unknown): unknown {
  return JSON.parse(JSON.stringify(argument))
}

/** The host parsed the argument and typed the answer; `method` only ties the two together here. */
function unwrap<M extends MethodName>(_method: M, reply: Reply): Result<M> {
  if (!reply.ok) throw fromErrorPayload(reply.error)
  return reply.value as Result<M>
}

function createListeners<T>() {
  const listeners = new Set<(value: T) => void>()
  return {
    add(listener: (value: T) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    emit: (value: T) => [...listeners].forEach(listener => listener(value)),
  }
}
