/** A super-resolution network whose every number is known: it repeats each pixel (ONNX's Resize, nearest). */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bytes, number, onnx, text, value, type Bytes } from './onnx-writer.ts'

const FLOAT = 1

interface Network {
  factor: number
  /** Side of the only size that it takes; absent: any. */
  side?: number
  /** Of input and output; 3 is right. */
  channels?: number
}

export function enlargingNetwork({ factor, side, channels = 3 }: Network): Bytes {
  const scales = new Uint8Array(Float32Array.of(1, 1, factor, factor).buffer)
  const weight = bytes(5, number(1, 4), number(2, FLOAT), text(8, 'scales'), bytes(9, scales))
  const resize = bytes(1, text(1, 'input'), text(1, ''), text(1, 'scales'), text(2, 'output'), text(4, 'Resize'))
  const sides = (times: number, names: string[]) => (side === undefined ? names : [side * times, side * times])
  const input = value(11, { name: 'input', shape: ['n', channels, ...sides(1, ['height', 'width'])] })
  const output = value(12, {
    name: 'output',
    shape: ['n', channels, ...sides(factor, ['large height', 'large width'])],
  })
  return onnx([resize, text(2, 'main'), weight, input, output])
}

/** A folder of its own for the network; the folder's path. */
export async function putEnlargingNetwork(parent: string, name: string, network: Network): Promise<string> {
  const folder = join(parent, name)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${name}.onnx`), enlargingNetwork(network))
  return folder
}
