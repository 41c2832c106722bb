import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import {
  CONTRIB_OPERATORS,
  GPU_ONLY_OPERATORS,
  MAX_IR_VERSION,
  MAX_OPSETS,
  STANDARD_OPERATORS,
} from '#graph/runtime-support'
import * as write from '#test/onnx-writer'

/** A graph of one node from a to b. */
function model({
  type = 'Identity',
  domain = '',
  irVersion = 8,
  opset = 18,
  extraOpset = write.opset(1, 'com.microsoft'),
} = {}) {
  const node = write.bytes(1, write.text(1, 'a'), write.text(2, 'b'), write.text(4, type), write.text(7, domain))
  const parts = [
    node,
    write.text(2, 'g'),
    write.value(11, { name: 'a', shape: [2] }),
    write.value(12, { name: 'b', shape: [2] }),
  ]
  return write.join(write.onnx(parts, { irVersion, opsetVersion: opset }), extraOpset)
}

async function refusal(bytes: Uint8Array): Promise<string | null> {
  try {
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 })
    await session.release()
    return null
  } catch (error) {
    return String(error)
  }
}

async function isRegistered(type: string, domain: string): Promise<boolean> {
  const reason = await refusal(model({ type, domain, opset: 26 }))
  return reason === null || !/No Op registered|not a registered function/.test(reason)
}

describe('what the catalog believes of ONNX Runtime', () => {
  it('is right about the newest IR version', async () => {
    expect(await refusal(model({ irVersion: MAX_IR_VERSION }))).toBeNull()
    expect(await refusal(model({ irVersion: MAX_IR_VERSION + 1 }))).toContain('IR version')
  })

  it.each([...MAX_OPSETS])('is right about the newest opset of "%s"', async (domain, version) => {
    const at = (opset: number) =>
      refusal(domain === '' ? model({ opset }) : model({ extraOpset: write.opset(opset, domain) }))
    expect(await at(version)).toBeNull()
    expect(await at(version + 1)).toContain('ValidateOpsetForDomain')
  })

  it('lists no operator that the runtime lacks', async () => {
    const lacking: string[] = []
    for (const type of STANDARD_OPERATORS) if (!(await isRegistered(type, ''))) lacking.push(type)
    for (const type of [...CONTRIB_OPERATORS, ...GPU_ONLY_OPERATORS]) {
      if (!(await isRegistered(type, 'com.microsoft'))) lacking.push(type)
    }
    expect(lacking).toEqual([])
  })

  it('finds an operator that it does not list to be unknown', async () => {
    expect(await isRegistered('FancyConv', '')).toBe(false)
    expect(await isRegistered('FancyConv', 'com.microsoft')).toBe(false)
  })
})
