/**
 * Events for pages over HTTP: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * The last ones are kept, so that a page that was cut off for a moment gets what it missed; a page that missed more
 * is told `reset` and queries again. Previews are neither kept nor sent to a page that reads too slowly.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AppEvent } from '#contract/api'

const KEPT_EVENTS = 1000
const HEARTBEAT_MS = 15_000
/** A reader with this much unread gets no previews; with the second, it is cut off and comes back when it can. */
const SLOW_BYTES = 512 * 1024
const STUCK_BYTES = 8 * 1024 * 1024

export type EventStream = ReturnType<typeof createEventStream>

export function createEventStream(subscribe: (listener: (event: AppEvent) => void) => () => void) {
  /** Ids of another run of the server must not be taken for ours. */
  const run = randomUUID().slice(0, 8)
  const readers = new Set<ServerResponse>()
  const kept: { number: number; text: string }[] = []
  let lastNumber = 0

  function keep(event: AppEvent): string {
    lastNumber++
    const text = `id: ${run}-${lastNumber}\ndata: ${JSON.stringify(event)}\n\n`
    kept.push({ number: lastNumber, text })
    if (kept.length > KEPT_EVENTS) kept.shift()
    return text
  }

  const unsubscribe = subscribe(event => {
    const isPreview = event.type === 'preview'
    const text = isPreview ? `data: ${JSON.stringify(event)}\n\n` : keep(event)
    for (const reader of readers) {
      if (reader.writableLength > STUCK_BYTES) reader.destroy()
      else if (!isPreview || reader.writableLength < SLOW_BYTES) reader.write(text)
    }
  })
  const heartbeat = setInterval(() => {
    for (const reader of readers) reader.write(': still here\n\n')
  }, HEARTBEAT_MS)
  heartbeat.unref()

  /** What a page that saw everything up to `lastEventId` has missed. */
  function missedSince(lastEventId: string | undefined): string {
    if (lastEventId === undefined) return ''
    const [ofRun, number] = lastEventId.split('-')
    const seen = Number(number)
    const oldest = kept[0]?.number ?? lastNumber + 1
    if (ofRun !== run || !Number.isInteger(seen) || seen > lastNumber || seen < oldest - 1) {
      const reset: AppEvent = { type: 'reset' }
      return `id: ${run}-${lastNumber}\ndata: ${JSON.stringify(reset)}\n\n`
    }
    return kept.flatMap(event => (event.number > seen ? [event.text] : [])).join('')
  }

  return {
    open(request: IncomingMessage, response: ServerResponse): void {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      const header = request.headers['last-event-id']
      response.write(`retry: 1000\n\n${missedSince(typeof header === 'string' ? header : undefined)}`)
      readers.add(response)
      response.on('close', () => readers.delete(response))
    },
    close(): void {
      unsubscribe()
      clearInterval(heartbeat)
      for (const reader of readers) reader.end()
    },
  }
}
