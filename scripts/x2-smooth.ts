/**
 * `node scripts/x2-smooth.ts`: writes models/x2-smooth/model.onnx, pictures at twice their size without a network: one
 * node, ONNX's Resize with cubic interpolation (Keys 1981, "Cubic Convolution Interpolation", a = -1/2).
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { float, GraphWriter } from '#graph/checkpoint/graph-writer'
import { ROOT } from './bootstrap/root.mjs'

const FACTOR = 2
const KEYS = -0.5

const graph = new GraphWriter()
const small = graph.input('input', 'float32', ['n', 3, 'height', 'width'])
const scales = graph.floats([1, 1, FACTOR, FACTOR], [4])
const large = graph.op('Resize', [small, '', scales], {
  mode: 'cubic',
  cubic_coeff_a: float(KEYS),
  coordinate_transformation_mode: 'half_pixel',
  exclude_outside: 1,
})
graph.output('output', large, ['n', 3, 'large height', 'large width'])
writeFileSync(path.join(ROOT, 'models/x2-smooth/model.onnx'), (await graph.finish()).bytes)
