export { pinetzConditions } from "./conditions.js";
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
export { parseCard } from "./parseCard.js";
export { CARD_KEY, cardOf, modelSha256, withCard, withoutCard } from "./withCard.js";
