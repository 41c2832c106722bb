/** What the scriptable engine process can be told (see fake-engine-process.ts). */
import { z } from 'zod'

export const fakeProcessSchema = z.object({
  stepMs: z.number(),
  /** The event loop stands still at this step, as it does inside a native call: no message is heard. */
  blockAtStep: z.number().optional(),
  blockMs: z.number().optional(),
  exitAtStep: z.number().optional(),
  /** Written to standard error before that exit. */
  lastWords: z.string().optional(),
  /** Sends something that no schema allows. */
  babbleAtStep: z.number().optional(),
  /** Gets one line a process that was started. */
  startsFile: z.string().optional(),
})
export type FakeProcessScript = z.infer<typeof fakeProcessSchema>
