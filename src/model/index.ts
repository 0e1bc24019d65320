export { type ConditionalUnet3dOptions, conditionalUnet3d } from "./conditionalUnet3d.js";
export { pinetzConditions } from "./conditions.js";
export { type ConesDiscriminatorOptions, conesDiscriminator } from "./conesDiscriminator.js";
export { type ConesGeneratorOptions, conesGenerator } from "./conesGenerator.js";
export { type GraphBuilder, graphBuilder } from "./graph/builder.js";
export { type DecodeGraphOptions, decodeGraph } from "./graph/decode.js";
export { encodeGraph } from "./graph/encode.js";
export {
  type Attribute,
  type Attributes,
  type Dim,
  type ElementType,
  type Graph,
  type Initializer,
  type Node as GraphNode,
  parameterCount,
  type Value as GraphValue,
} from "./graph/graph.js";
export { heNormal, type Initialize, type ParameterRole, uniformFanIn, xavierNormal } from "./graph/initialize.js";
export { subgraph } from "./graph/subgraph.js";
export { inspectModel, type ModelInfo, type ValueInfo } from "./inspectModel.js";
export { type CreateModelOptions, createModel, type Model } from "./model.js";
export type {
  CardChannel,
  CardCondition,
  CardConditions,
  CardInput,
  CardOutput,
  CardPatch,
  CardPreprocessing,
  ChannelName,
  ModelCard,
  OutputMeaning,
  SelfTest,
  SelfTestOutput,
} from "./modelCard.js";
export { noiseUnitConditions, noiseUnitsCard } from "./noiseUnitsCard.js";
export { parseCard } from "./parseCard.js";
export { type PortableBytes, type PortableGraph, type PortableReport, portable } from "./portable.js";
export { type ResidualUnet3dOptions, residualUnet3d } from "./residualUnet3d.js";
export { type ReadSafetensorsOptions, readSafetensors, type WriteSafetensorsOptions, writeSafetensors } from "./safetensors.js";
export { type Unet2dOptions, type Unet25dOptions, unet2d, unet25d } from "./unet2d.js";
export { verifiedBytes } from "./verifiedBytes.js";
export { halfWeights, type WithWeightsOptions, weightsOf, withWeights } from "./weights.js";
export type { WeightArray, WeightTensor, WeightType } from "./weightTensor.js";
export { CARD_KEY, cardOf, modelSha256, withCard, withoutCard } from "./withCard.js";
