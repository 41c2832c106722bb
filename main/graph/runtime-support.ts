/**
 * What the bundled ONNX Runtime (1.30) can open on the CPU, as measured: every version and operator here was tried with a
 * graph of one node (test/integration/main/graph/runtime-support.test.ts does it again), and which of Microsoft's own
 * operators have a CPU kernel is from https://github.com/microsoft/onnxruntime/blob/main/docs/OperatorKernels.md.
 */

export const MAX_IR_VERSION = 13

/** Highest opset by domain; domains that are not here carry no version that the runtime would check. */
export const MAX_OPSETS: ReadonlyMap<string, number> = new Map([
  ['', 26],
  ['ai.onnx.ml', 5],
  ['com.microsoft', 1],
])

export const STANDARD_OPERATORS = words(`
  Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool BatchNormalization
  Bernoulli BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil Celu
  CenterCropPad Clip Col2Im Compress Concat ConcatFromSequence Constant ConstantOfShape Conv ConvInteger ConvTranspose
  Cos Cosh CumProd CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum Elu
  Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalLpPool
  GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish
  Hardmax Identity If ImageDecoder InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less
  LessOrEqual Log LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean
  MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression
  NonZero Not OneHot Optional OptionalGetElement OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul
  QuantizeLinear RMSNormalization RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Range Reciprocal
  ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
  RegexFullMatch Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding Round STFT Scan Scatter ScatterElements
  ScatterND Selu SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap
  Shape Shrink Sigmoid Sign SimplifiedLayerNormalization Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss Softplus
  Softsign SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat StringNormalizer StringSplit Sub Sum Swish Tan
  Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Tile TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor`)

export const CONTRIB_OPERATORS = words(`
  Attention AttnLSTM BeamSearch BiasGelu BifurcationDetector CDist CausalConvWithState Constant
  ConvTransposeWithDynamicPads CropAndResize DecoderMaskedMultiHeadAttention DequantizeBFP DequantizeLinear
  DynamicQuantizeLSTM DynamicQuantizeMatMul DynamicTimeWarping EPContext EmbedLayerNormalization EngramGate ExpandDims
  FastGelu FusedConv FusedGemm FusedMatMul GatedAdd GatedDeltaNet GatedRMSNorm GatherBlockQuantized GatherND Gelu
  GreedySearch GridSample GroupQueryAttention Inverse IsAllFinite LinearAttention LinearAttentionGate MRotaryEmbedding
  MatMulBlockQuantizedFp4Weight MatMulBlockQuantizedFp8Weight MatMulBnb4 MatMulFpQ4 MatMulInteger16 MatMulIntegerToFloat
  MatMulNBits MatMulNBitsMlp MatMulNBitsQkv MaxpoolWithMask MoE MulInteger MultiHeadAttention MurmurHash3
  NGramHashMapping NGramRepeatBlock NhwcMaxPool Pad QAttention QEmbedLayerNormalization QGemm QLinearAdd
  QLinearAveragePool QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMul QLinearReduceMean
  QLinearSigmoid QLinearSoftmax QLinearWhere QMoE QuantizeBFP QuantizeLinear QuickGelu Range ReduceSumInteger
  RotaryEmbedding SampleOp Sampling SkipLayerNormalization SkipSimplifiedLayerNormalization Snpe SparseAttention
  SparseToDenseMatMul Tokenizer TorchEmbedding TransposeMatMul Trilu UnfoldTensor Unique VarlenCausalConvWithState
  WhisperBeamSearch WordConvEmbedding`)

/** Known to the runtime, but with kernels for graphics cards only: CUDA, and some for DirectML or WebGPU. */
export const GPU_ONLY_OPERATORS = words(`
  BiasAdd BiasDropout BiasSoftmax BiasSplitGelu BitmaskBiasDropout BitmaskDropout ComplexMul ComplexMulConj
  DecoderAttention DecoderMaskedSelfAttention DequantizeWithOrder FusedMatMulActivation GatedRelativePositionBias
  GemmFastGelu GemmFloat8 GemmaRotaryEmbedding GroupNorm Irfft LongformerAttention NhwcConv NhwcFusedConv PackedAttention
  PackedMultiHeadAttention PagedAttention QOrderedAttention QOrderedGelu QOrderedLayerNormalization
  QOrderedLongformerAttention QOrderedMatMul QuantizeWithOrder RelativePositionBias RemovePadding RestorePadding Rfft
  SkipGroupNorm`)

export type OperatorVerdict = 'runs' | 'gpu-only' | 'unknown'

/** `isLocal`: the model itself defines it. Domains of the runtime's own optimiser and of PyTorch's are let through. */
export function judgeOperator(domain: string, type: string, isLocal: boolean): OperatorVerdict {
  if (isLocal) return 'runs'
  if (domain === '') return STANDARD_OPERATORS.has(type) ? 'runs' : 'unknown'
  if (domain === 'com.microsoft') {
    if (CONTRIB_OPERATORS.has(type)) return 'runs'
    return GPU_ONLY_OPERATORS.has(type) ? 'gpu-only' : 'unknown'
  }
  return OTHER_DOMAINS.has(domain) ? 'runs' : 'unknown'
}

const OTHER_DOMAINS = words(`
  ai.onnx.ml ai.onnx.preview ai.onnx.preview.training ai.onnx.training com.microsoft.nchwc com.ms.internal.nhwc
  org.pytorch.aten`)

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
