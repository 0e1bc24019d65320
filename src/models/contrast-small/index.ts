export { type ContrastSmallOptions, contrastSmall } from "./contrastSmall.js";
