/**
 * Entry of the engine's process: plain Node, started by a host with an IPC channel. It joins the local engine to the
 * channel and does nothing else; its argument is the data folder. Ctrl+C reaches every process of a terminal; what it means is the host's decision.
 */
import { createOrtSession } from '#pipeline/ort-session'
import { createLocalEngine } from './local-engine.ts'
import { serveEngine } from './serve-engine.ts'

const [, , userFolder] = process.argv
const engine = createLocalEngine({
  createSession: createOrtSession,
  now: () => performance.now(),
  userFolder,
  collectGarbage: () => globalThis.gc?.(), // there by the flag that the host starts this process with
})

process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0)) // the host is gone, and nobody is left to make pictures for

serveEngine(engine, {
  send: message => void process.send?.(message),
  onMessage: listener => void process.on('message', listener),
})
