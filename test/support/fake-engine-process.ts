/**
 * The engine's process with the scriptable engine inside, for tests of the supervisor with real processes. The script
 * comes as JSON in FAKE_ENGINE: milliseconds a step, and what happens before which step of which call.
 */
import { appendFileSync } from 'node:fs'
import { serveEngine } from '#engine/serve-engine'
import { createFakeEngine } from './fake-engine.ts'
import { fakeProcessSchema } from './fake-script.ts'

const script = fakeProcessSchema.parse(JSON.parse(String(process.env['FAKE_ENGINE'])))
if (script.startsFile !== undefined) appendFileSync(script.startsFile, `${process.pid}\n`)

const engine = createFakeEngine({
  stepMs: script.stepMs,
  beforeStep({ step }) {
    if (step === script.blockAtStep) {
      const end = performance.now() + (script.blockMs ?? 0)
      while (performance.now() < end);
    }
    if (step === script.babbleAtStep) process.send?.({ type: 'event', call: 'one', event: {} })
    if (step === script.exitAtStep) {
      process.stderr.write(script.lastWords ?? '')
      process.exit(3)
    }
  },
})

process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit(0))
serveEngine(engine, {
  send: message => void process.send?.(message),
  onMessage: listener => void process.on('message', listener),
})
